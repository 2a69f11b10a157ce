import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** The holder touches its lock this often, and a lock untouched for this long is nobody's (a machine that slept, another host). */
const TOUCH_MS = 1_000;
const ABANDONED_MS = 15_000;
const POLL_MS = 100;

/**
 * Waits for the right to build and resolves with the function that gives it back. A lock whose process is gone is taken over.
 * Two waiters may take over the same dead lock in the same moment and both build: harmless, because each builds in a folder
 * of its own and the last rename wins. The lock saves work; the renames keep dist whole.
 */
export async function lockBuild(path) {
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify({ pid: process.pid, host: hostname() }));
      closeSync(file);
      return holdLock(path);
    } catch (thrown) {
      if (thrown.code !== 'EEXIST') throw thrown;
    }
    if (isAbandoned(path)) rmSync(path, { force: true });
    else await sleep(POLL_MS);
  }
}

function holdLock(path) {
  const touching = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Someone took it over while this machine slept: both finish, see above.
    }
  }, TOUCH_MS);
  const release = () => {
    clearInterval(touching);
    rmSync(path, { force: true });
  };
  const stopped = () => process.exit(1);
  process.once('exit', release).once('SIGINT', stopped).once('SIGTERM', stopped).once('SIGHUP', stopped);
  return () => {
    process.off('exit', release).off('SIGINT', stopped).off('SIGTERM', stopped).off('SIGHUP', stopped);
    release();
  };
}

function isAbandoned(path) {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    if (age > ABANDONED_MS) return true;
    const text = readFileSync(path, 'utf8');
    // Opened and not yet written: give it the time above.
    if (text === '') return false;
    const holder = JSON.parse(text);
    return holder.host === hostname() && !isAlive(holder.pid);
  } catch (thrown) {
    // Gone between two looks: the next attempt finds out.
    if (thrown.code === 'ENOENT') return false;
    return true;
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown.code === 'EPERM';
  }
}
