/** Import directions of the house: cli -> app -> areas -> contracts -> common. Areas do not import each other; app.ts joins them. */
const AREAS = [
  'http',
  'console',
  'bridge',
  'channels',
  'udesk',
  'assistant',
  'dialogs',
  'store',
  'observability',
  'config',
  'sandbox',
];

module.exports = {
  forbidden: [
    {
      name: 'areas-meet-in-app',
      comment: 'an area may import itself, contracts and common only',
      severity: 'error',
      from: { path: `^src/(${AREAS.join('|')})/` },
      to: { path: '^src/', pathNot: ['^src/$1/', '^src/contracts/', '^src/common/'] },
    },
    {
      name: 'contracts-below-areas',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { path: '^src/', pathNot: ['^src/contracts/', '^src/common/'] },
    },
    {
      name: 'common-is-the-floor',
      severity: 'error',
      from: { path: '^src/common/' },
      to: { path: '^src/', pathNot: '^src/common/' },
    },
    { name: 'app-below-cli', severity: 'error', from: { path: '^src/app' }, to: { path: '^src/cli/' } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'restify-only-in-http',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/http/' },
      to: { path: 'node_modules/(restify|@types/restify)/' },
    },
    {
      name: 'bot-framework-behind-bridge-and-dialogs',
      comment: 'contracts/bot.ts takes types only; channels/botframework speaks its protocol',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(bridge|dialogs|channels/botframework)/|^src/contracts/bot' },
      to: { path: 'node_modules/botbuilder' },
    },
    {
      name: 'simulators-sign-for-themselves',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/(channels|udesk)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
