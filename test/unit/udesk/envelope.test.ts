import { describe, expect, it } from 'vitest';
import { readEnvelope } from '../../../src/udesk/envelope.ts';

describe('readEnvelope', () => {
  it.each([
    [{ code: 1000, message: 'ok' }, 'code', 1000],
    [{ code: '1000' }, 'code', 1000],
    [{ code: 2059, code_message: 'x', exception: 'y' }, 'code', 2059],
    [{ succeed: true, code: 1000, bizCode: 'ok', message: '' }, 'workbench', 1000],
    [{ status: 1000, message: 'Send Success' }, 'status', 1000],
    [{ status: 0 }, 'status', 0],
    // queue_status has both: its status is a word and its code decides
    [{ code: 1000, status: '未排队', count: 0 }, 'code', 1000],
    [{ message: 'welcome' }, 'none', null],
    [{ code: 'ok' }, 'code', null],
    [{ succeed: true, bizCode: 'x' }, 'workbench', null],
    ['<html>', 'none', null],
    [[], 'none', null],
    [undefined, 'none', null],
  ])('reads %j as %s with code %s', (answer, shape, code) => {
    expect(readEnvelope(answer)).toMatchObject({ shape, code });
  });
});
