import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { whyStale } from './build-state.mjs';

/**
 * Builds when dist does not fit the sources, with one line on stderr. Resolves with undefined, or with the words to refuse
 * a start with. The build is a process of its own: the compiler's 200 MB must not stay in the bridge.
 */
export async function ensureBuilt(root) {
  const reason = whyStale(root);
  if (reason === undefined) return undefined;
  process.stderr.write(`buyerline: building (${reason})\n`);
  const build = spawn(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // NODE_OPTIONS such as --inspect or --max-old-space-size are meant for the bridge.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const stop = (signal) => {
    build.kill(signal);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const [exitCode] = await once(build, 'exit');
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (exitCode !== 0) return 'the build failed, the reason stands above';
  return undefined;
}
