import { existsSync } from 'node:fs';
import { loadConfig, readEnvironment } from '../config/index.ts';
import { checkDialogs, dialogJsonSchema } from '../dialogs/index.ts';
import { complain, print, printJson } from './with-store.ts';

/** Exit code 0: no problem. 1: problems, each with file:line:column. 2: there is no such folder. */
export async function dialogsCheck(folder: string | undefined, options: { json?: boolean }): Promise<number> {
  const dir = folder ?? loadConfig(readEnvironment({ cwd: process.cwd() }), 'tools').dialogs.dir;
  if (!existsSync(dir)) {
    complain(`${dir}: there is no such folder. Give one, or set DIALOGS_DIR.`);
    return 2;
  }
  const problems = await checkDialogs(dir);
  if (options.json === true) printJson(problems);
  else {
    for (const problem of problems) print(`${problem.where}: ${problem.what}`);
    print(problems.length === 0 ? `${dir}: no problems` : `${problems.length} problem(s)`);
  }
  return problems.length === 0 ? 0 : 1;
}

export async function dialogsSchema(): Promise<number> {
  printJson(dialogJsonSchema());
  return 0;
}
