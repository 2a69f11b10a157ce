import type { Clock } from '../../common/clock.ts';
import type { UdeskSeed } from './types.ts';

/** What may also change while the simulator runs (`POST /_control/settings`). */
export interface UdeskBehaviour {
  /** When the start_session push of a direct assignment goes out, seen from the HTTP answer. */
  startPush: 'after' | 'before' | 'never';
  /** Order of the two posts of a transfer. */
  transferOrder: 'close_first' | 'transfer_first';
  /** Milliseconds that `2001, count 0` (assignment in progress) lasts. */
  assigningMs: number;
  /** Store a repeated message_id again, as a desk without de-duplication would. */
  storeRepeats: boolean;
  /** What happens to pushes during the 60 s pause; the vendor does not say. */
  pausedPushes: 'drop' | 'hold';
  /** The typing preview must be bought; without it 2065. */
  previewActivated: boolean;
  /** Type-table kinds that the parameter list of Send Message does not name. */
  acceptVideoAndFile: boolean;
  /** Answer assign_type robot and messages with session 0. */
  thirdPartyRobot: boolean;
  /** `seed`: quesitionType, quesition…; `live`: spelt correctly. */
  topAskSpelling: 'seed' | 'live';
  /** A close push also when the bridge closes by DELETE. */
  pushOnApiClose: boolean;
  surveyEnabled: boolean;
  surveyShowType: 'text' | 'expression' | 'star';
  /** Method `after_session`: ask when the session closes. */
  surveyAfterSession: boolean;
  sensitiveWords: string[];
  /** Language of status and message texts. */
  language: 'en' | 'zh';
}

export interface UdeskSimulatorOptions {
  host?: string;
  port?: number;
  email?: string;
  apiToken?: string;
  /** For `POST /log_in`. */
  password?: string;
  signHash?: 'sha256' | 'sha1';
  /** Key of the structured messages (MD5 signature). */
  structKey?: string;
  /** The receiving URL; it should carry the bridge's secret, for pushes are not signed. */
  pushUrl?: string;
  /** Default 5000. */
  pushTimeoutMs?: number;
  /** `sequential` keeps the order per customer; `concurrent` promises nothing, like the platform. */
  pushOrder?: 'sequential' | 'concurrent';
  /** All calls of the tenant together; 0 switches the limit off. */
  callsPerMinute?: number;
  /** The vendor does not publish this answer. */
  overLimit?: { status: number; code: number };
  seed?: () => UdeskSeed;
  clock?: Clock;
  /** Divides the 60 s push pause. */
  compress?: number;
  behaviour?: Partial<UdeskBehaviour>;
  randomSeed?: number;
}

export const DEFAULT_BEHAVIOUR: UdeskBehaviour = {
  startPush: 'after',
  transferOrder: 'close_first',
  assigningMs: 1_500,
  storeRepeats: false,
  pausedPushes: 'drop',
  previewActivated: false,
  acceptVideoAndFile: false,
  thirdPartyRobot: false,
  topAskSpelling: 'live',
  pushOnApiClose: true,
  surveyEnabled: true,
  surveyShowType: 'text',
  surveyAfterSession: true,
  sensitiveWords: ['gamble', 'casino'],
  language: 'en',
};
