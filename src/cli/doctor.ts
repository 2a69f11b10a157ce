import { createApp } from '../app.ts';
import { ConfigError, coerceError, DialogFileError, type Problem } from '../common/errors.ts';
import { loadConfig, readEnvironment } from '../config/index.ts';
import type { Diagnosis } from '../contracts/channel.ts';
import { silentLogger } from '../contracts/logger.ts';
import { complain, print, printJson } from './with-store.ts';

type Finding = Diagnosis & { area: string };

/** Exit code 0: everything works (warnings allowed). 1: something does not. 2: the settings do not even let it look. */
export async function doctor(options: { json?: boolean }): Promise<number> {
  const findings: Finding[] = [{ area: 'node', what: 'version', level: 'ok', detail: process.version }];
  const add = (area: string, list: Diagnosis[]) => findings.push(...list.map((item) => ({ area, ...item })));
  let code = 0;
  try {
    const config = loadConfig(readEnvironment({ cwd: process.cwd() }), 'serve');
    add('settings', [{ what: 'environment', level: 'ok', detail: 'complete' }]);
    add(
      'settings',
      config.warnings.map((warning) => ({ what: warning.where, level: 'warn' as const, detail: warning.what })),
    );
    const app = await createApp({ config, logger: silentLogger });
    try {
      add('store', [await probe(() => app.store.probe())]);
      add('dialogs', [
        {
          what: 'files',
          level: 'ok',
          detail: `${app.dialogs?.dialogs.size ?? 0} dialog(s), version ${app.dialogs?.version ?? '-'}`,
        },
      ]);
      for (const channel of app.channels) add(channel.name, (await channel.diagnose?.()) ?? []);
      add(app.desk.name, await app.desk.diagnose());
      if (config.model !== null)
        add('model', await (await import('../assistant/model-server.ts')).diagnoseModelServer(config.model));
    } finally {
      await app.stop(2_000);
    }
  } catch (thrown) {
    if (thrown instanceof ConfigError) add('settings', failures(thrown.problems));
    else if (thrown instanceof DialogFileError) add('dialogs', failures(thrown.problems));
    else add('start', [{ what: 'bridge', level: 'fail', detail: coerceError(thrown).message }]);
    code = 2;
  }
  if (findings.some((finding) => finding.level === 'fail') && code === 0) code = 1;
  if (options.json === true) printJson(findings);
  else {
    for (const finding of findings)
      print(`${MARKS[finding.level]}  ${finding.area}  ${finding.what}: ${finding.detail}`);
    if (code !== 0) complain('Something needs attention: see the lines marked FAIL.');
  }
  return code;
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

const failures = (problems: readonly Problem[]): Diagnosis[] =>
  problems.map((problem) => ({ what: problem.where, level: 'fail', detail: problem.what }));

async function probe(check: () => Promise<void>): Promise<Diagnosis> {
  try {
    await check();
    return { what: 'database', level: 'ok', detail: 'can be written' };
  } catch (thrown) {
    return { what: 'database', level: 'fail', detail: coerceError(thrown).message };
  }
}
