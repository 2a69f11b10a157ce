/** `npm run check [-- --write]`: everything that can be judged without running the suites. The work is in check/run-checks.ts. */
import { register } from 'tsx/esm/api';

register();
const { runChecks } = await import('./check/run-checks.ts');
process.exitCode = await runChecks(process.argv.includes('--write'));
