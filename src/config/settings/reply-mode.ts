import { choice } from '../fields.ts';
import { withDefault } from '../setting.ts';

export const replyMode = (group: 'tiktok' | 'shopee') =>
  withDefault(choice('auto', 'assist', 'off'), {
    group,
    description:
      'auto: the bot answers. assist: it drafts and a human sends. off: bridge only. Per shop in bridge.yaml.',
    default: 'auto',
  });
