/** Something that takes TikTok webhooks and replies through a platform. */
export interface Target {
  name: string;
  /** What it does, for the table. */
  does: string;
  /** When: `at once` within the measured time, `afterwards` by {@link RunningTarget.answerStored}, `never` for bare HTTP. */
  replies: 'at once' | 'afterwards' | 'never';
  start(platform: Platform): Promise<RunningTarget>;
}

export interface Platform {
  /** `http://127.0.0.1:40001` */
  url: string;
  repliesPort: number;
}

export interface RunningTarget {
  /** The full address that webhooks go to. */
  url: string;
  stop(): Promise<void>;
  /** Of a target that only stored what it acknowledged: starts what answers it, so that nothing acknowledged can be missing. */
  answerStored?(): Promise<void>;
}
