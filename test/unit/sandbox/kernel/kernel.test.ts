import { describe, expect, it } from 'vitest';
import { createDeliveryPlan } from '../../../../src/sandbox/kernel/delivery-plan.ts';
import { createIdSource } from '../../../../src/sandbox/kernel/ids.ts';
import { makePng, readImage } from '../../../../src/sandbox/kernel/image.ts';
import { readMultipart } from '../../../../src/sandbox/kernel/multipart.ts';
import { createRandom } from '../../../../src/sandbox/kernel/random.ts';
import { createRateWindow } from '../../../../src/sandbox/kernel/rate-window.ts';
import { compilePath } from '../../../../src/sandbox/kernel/routes.ts';
import { createSimClock } from '../../../../src/sandbox/kernel/sim-clock.ts';
import { createFakeClock } from '../../../helpers/fake-clock.ts';

describe('createSimClock', () => {
  it('moves its own time without the wire, and runs what became due in order', async () => {
    const base = createFakeClock();
    const clock = createSimClock(base);
    const ran: string[] = [];
    clock.schedule(2_000, () => ran.push('second'));
    clock.schedule(1_000, () => ran.push('first'));
    clock.schedule(10_000, () => ran.push('later'));
    clock.advance(5_000);
    expect(ran).toEqual(['first', 'second']);
    expect(clock.now() - base.now()).toBe(5_000);
    expect(clock.wireNow()).toBe(base.now());
    await base.advance(5_000);
    expect(ran).toEqual(['first', 'second', 'later']);
    clock.advance(1_000, { wire: true });
    expect(clock.wireNow() - base.now()).toBe(1_000);
    clock.stop();
    expect(base.waiting()).toBe(0);
  });
});

describe('createRateWindow', () => {
  it('slides: the third of two waits for the first to leave', () => {
    const window = createRateWindow(2, 1_000);
    expect([window.take('a', 0), window.take('a', 500), window.take('a', 999), window.take('b', 999)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect([window.take('a', 1_000), window.take('a', 1_200), window.take('a', 1_500)]).toEqual([true, false, true]);
  });
});

describe('createIdSource', () => {
  it('gives 19 digits, growing, with gaps, the same for the same seed', () => {
    const make = () => {
      const ids = createIdSource(() => 1_750_000_000_000, createRandom(7));
      return Array.from({ length: 500 }, () => BigInt(ids.next()));
    };
    const ids = make();
    for (let i = 1; i < ids.length; i++) expect((ids[i] ?? 0n) - (ids[i - 1] ?? 0n) > 1n).toBe(true);
    expect(String(ids[0])).toHaveLength(19);
    expect(make()).toEqual(ids);
  });
});

describe('createDeliveryPlan', () => {
  it('swaps two deliveries of one key and releases a lone one after two seconds', async () => {
    const clock = createFakeClock();
    const plan = createDeliveryPlan(clock, createRandom(1));
    const sent: string[] = [];
    plan.dispatch('a', { swap: true }, () => sent.push('second'));
    plan.dispatch('b', {}, () => sent.push('other'));
    plan.dispatch('a', {}, () => sent.push('first'));
    expect(sent).toEqual(['other', 'first', 'second']);
    plan.dispatch('a', { swap: true }, () => sent.push('lone'));
    await clock.advance(1_999);
    expect(sent).toHaveLength(3);
    await clock.advance(1);
    expect(sent.at(-1)).toBe('lone');
    expect(clock.waiting()).toBe(0);
  });

  it('draws its chances repeatably', () => {
    const draw = () => {
      const plan = createDeliveryPlan(createFakeClock(), createRandom(3));
      plan.chaos({ duplicate: 0.3, lost: 0.2 });
      return Array.from({ length: 200 }, () => plan.take(undefined, 'buyer'));
    };
    const drawn = draw();
    expect(draw()).toEqual(drawn);
    const lost = drawn.filter((one) => one.lost === true).length;
    expect(lost).toBeGreaterThan(20);
    expect(lost).toBeLessThan(60);
  });
});

describe('readImage', () => {
  it('knows the four kinds by their bytes and nothing else', () => {
    expect(readImage(makePng(31, 17, [1, 2, 3]))).toEqual({ type: 'png', width: 31, height: 17 });
    expect(readImage(Buffer.from('R0lGODlhAgADAIAAAAAAAP///yH5BAAAAAAALAAAAAACAAMAAAIChF8AOw==', 'base64'))).toEqual({
      type: 'gif',
      width: 2,
      height: 3,
    });
    // SOI, a comment segment, then the frame header: height 5, width 7.
    const jpeg = Buffer.from('ffd8fffe000461620000ffc0001108000500070301220002110103110100', 'hex');
    expect(readImage(Buffer.concat([jpeg.subarray(0, 8), jpeg.subarray(10)]))).toEqual({
      type: 'jpg',
      width: 7,
      height: 5,
    });
    const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0'), Buffer.from([9, 0, 0, 4, 0, 0])]);
    expect(readImage(webp)).toEqual({ type: 'webp', width: 10, height: 5 });
    for (const bytes of ['', 'GIF', '\x89PNG', '<svg xmlns="http://www.w3.org/2000/svg"/>'])
      expect(readImage(Buffer.from(bytes, 'latin1'))).toBeNull();
  });
});

describe('readMultipart', () => {
  it('gives parts byte for byte and refuses broken frames', () => {
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="data"; filename="x.png"\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const parts = readMultipart('multipart/form-data; boundary="b"', body);
    expect(parts?.[0]?.name).toBe('data');
    expect(parts?.[0]?.bytes.equals(bytes)).toBe(true);
    expect(readMultipart('multipart/form-data', body)).toBeNull();
    expect(readMultipart('multipart/form-data; boundary=b', body.subarray(0, body.length - 12))).toBeNull();
  });
});

describe('compilePath', () => {
  it('takes one segment per name and survives broken escapes', () => {
    const pattern = compilePath('/a/:id/b');
    expect(pattern.match('/a/x%3Ay/b')).toEqual({ id: 'x:y' });
    for (const path of ['/a//b', '/a/%E0%A4%A/b', '/a/x/b/c', '/a/x']) expect(pattern.match(path)).toBeNull();
  });
});
