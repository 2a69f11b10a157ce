import { startScript } from '../child.ts';
import type { Target } from './target.ts';

const baseline = (file: string, about: Omit<Target, 'start'>): Target => ({
  ...about,
  async start(platform) {
    const { said, stop } = await startScript<{ port: number }>(`./baselines/${file}`, [platform.url]);
    return { url: `http://127.0.0.1:${said.port}/`, stop };
  },
});

export const bareHttp = baseline('bare-http.ts', { name: 'A', does: 'node:http, JSON and HMAC', replies: 'never' });
export const bareBot = baseline('bare-bot.ts', { name: 'D', does: 'botbuilder echo, in memory', replies: 'at once' });
export const bareDialogs = baseline('bare-dialogs.ts', {
  name: 'E',
  does: 'botbuilder + dialogs, in memory',
  replies: 'at once',
});
