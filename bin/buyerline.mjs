#!/usr/bin/env node
/**
 * The `buyerline` command: runs `dist/cli/main.js` in this very process, so that signals, exit code and `kill -9` reach the
 * program and nothing stands between. In a clone (src/ lies beside dist/) a missing or outdated dist is built first.
 *
 * This file must load on any Node that knows modules, because its first duty is to say that a Node is too old: nothing
 * newer than Node 14 is imported or written above that check.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST = [20, 19];

async function run() {
  const running = process.versions.node.split('.').map(Number);
  if (running[0] < OLDEST[0] || (running[0] === OLDEST[0] && running[1] < OLDEST[1])) {
    return refuse(
      `Buyerline needs Node ${OLDEST.join('.')} or newer, this is ${process.versions.node}: install a newer Node and start again`,
    );
  }
  const main = new URL('../dist/cli/main.js', import.meta.url);
  if (existsSync(new URL('../src', import.meta.url))) {
    const { ensureBuilt } = await import('../scripts/ensure-built.mjs');
    const failure = await ensureBuilt(fileURLToPath(new URL('..', import.meta.url)));
    if (failure !== undefined) return refuse(failure);
  } else if (!existsSync(main)) {
    return refuse('dist/cli/main.js is missing: install the package again');
  }
  try {
    // Runs the command of process.argv and sets the exit code.
    await import(main.href);
  } catch (thrown) {
    if (thrown.code !== 'ERR_MODULE_NOT_FOUND') throw thrown;
    return refuse(
      `${thrown.message}\n  If it names a package, run npm ci; if it names a file of dist, run npm run build -- --force`,
    );
  }
}

/** Exit code 2 says "cannot run". */
function refuse(message) {
  process.stderr.write(`buyerline: ${message}\n`);
  process.exitCode = 2;
}

run();
