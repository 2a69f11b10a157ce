import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Debian's; playwright's own browsers are not downloaded. */
const CHROMIUM = '/usr/bin/chromium';
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A first start builds dist; a slow machine does both on one core. */
const START_MS = 120_000;
const STOP_MS = 15_000;
/** One coalescing window, a turn, a delivery and its echo, with room for a busy machine. */
const ANSWER_MS = 15_000;

const missing = !existsSync(CHROMIUM);
if (missing) process.stderr.write(`SKIPPED demo-page.test.ts: ${CHROMIUM} is missing, the demo page was not tried\n`);

interface Demo {
  url: string;
  stop(): Promise<void>;
}

async function startDemo(): Promise<Demo> {
  const child: ChildProcess = spawn(process.execPath, ['bin/buyerline.mjs', 'demo'], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo did not start:\n${output}`)), START_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /https?:\/\/\S+\/demo\b/.exec(output)?.[0];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the demo ended with ${code}:\n${output}`));
    });
  }).catch((thrown) => {
    child.kill('SIGKILL');
    throw thrown;
  });
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      const hurry = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(hurry);
    },
  };
}

describe.skipIf(missing)('the demo page in a browser (needs /usr/bin/chromium)', () => {
  let demo: Demo;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    demo = await startDemo();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(ANSWER_MS);
    // Refusals of the content security policy are told on the console.
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(demo.url);
  }, START_MS + 30_000);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  }, STOP_MS + 15_000);

  const phone = () => page.getByRole('log', { name: 'Chat on the buyer’s phone' });
  const transcript = () => page.getByRole('log', { name: /^Transcript with/ });
  const bubbles = (speaker: string) => phone().locator(`[data-speaker="${speaker}"] .bubble`);
  const buyerSays = async (text: string) => {
    const line = page.getByRole('textbox', { name: /^Message to/ });
    await line.fill(text);
    await line.press('Enter');
    await bubbles('buyer').filter({ hasText: text }).last().waitFor();
  };
  const ownerIs = (owner: string) => page.getByTestId('owner').filter({ hasText: owner }).waitFor();
  const epoch = async () => Number(await page.getByTestId('epoch').textContent());

  it('answers the buyer, and says in plain words what the bridge decided', { timeout: 60_000 }, async () => {
    await buyerSays('hello');
    await bubbles('bot').first().waitFor();
    await ownerIs('bot');
    await page.getByText('Buyer wrote “hello”').waitFor();
    const sent = page.locator('.entry', { hasText: 'To the buyer, from the bot' }).first();
    await sent.getByText('sent', { exact: true }).waitFor();
    await sent.locator('summary').click();
    await sent.locator('pre', { hasText: '"origin": "bot"' }).waitFor();
  });

  it('hands over, passes the agent’s words on, closes and receives the rating', { timeout: 90_000 }, async () => {
    const before = await epoch();
    await buyerSays('human please');
    await transcript().waitFor();
    await ownerIs('agent');
    expect(await epoch()).toBeGreaterThan(before);

    const answer = page.getByRole('textbox', { name: 'Answer Mia Thompson', exact: true });
    await answer.fill('Hello Mia, <b>how</b> can I help?');
    await answer.press('Enter');
    await bubbles('agent').filter({ hasText: 'Hello Mia, <b>how</b> can I help?' }).waitFor();

    await buyerSays('my parcel is <i>late</i>');
    await transcript().getByText('my parcel is <i>late</i>').waitFor();

    await page.getByRole('button', { name: 'Close session' }).click();
    await ownerIs('closed');
    await bubbles('bot').filter({ hasText: '1. Very satisfied' }).waitFor();
    await buyerSays('1');
    const ratings = page.getByRole('region', { name: 'Ratings received' });
    await ratings.getByText('Very satisfied').waitFor();
    await ratings.getByText('Mia Thompson').waitFor();
  });

  it('shows a hostile text as a text, in every column', { timeout: 60_000 }, async () => {
    const hostile = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>';
    await buyerSays(hostile);
    await page.locator('.entry-line', { hasText: '<img src=x' }).first().waitFor();
    expect(await phone().locator('img, script').count()).toBe(0);
    expect(await page.title()).toBe('Buyerline demo');
  });

  it('lets staff in the seller app take over from the bot', { timeout: 60_000 }, async () => {
    await page.getByRole('combobox', { name: 'You are the buyer' }).selectOption('oliver');
    await buyerSays('hello');
    await bubbles('bot').first().waitFor();
    await page.getByRole('textbox', { name: /in the seller app$/ }).fill('This is the shop owner');
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    await bubbles('staff').filter({ hasText: 'This is the shop owner' }).waitFor();
    await ownerIs('agent');
  });

  it('shows one column at a time on a narrow screen, reached by keyboard', { timeout: 60_000 }, async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const heading = (name: string) => page.getByRole('log', { name });
    await heading('Chat on the buyer’s phone').waitFor();
    expect(await page.getByRole('list', { name: 'What the bridge decided' }).isVisible()).toBe(false);
    await page.getByRole('tab', { name: /^Buyer/ }).press('ArrowRight');
    await page.getByRole('list', { name: 'What the bridge decided' }).waitFor();
    expect(await phone().isVisible()).toBe(false);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('met no error and no refusal of its content security policy on the way', () => {
    expect(complaints).toEqual([]);
  });
});
