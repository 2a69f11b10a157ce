import type { Side } from '../../contracts/outbound.ts';
import type { ConversationRow } from './ops/conversation-row.ts';
import type { WireOutbox } from './wire.ts';

/** Where a conversation's inbox stands while something waits in it. */
interface InboxHead {
  dueAt: number;
  hold: number;
  lastInbox: number | null;
  owner: string | null;
  token: number | null;
}

/** A conversation as the database has it, with its inbox's head; `head` is null when nothing waits. */
export interface Known {
  cid: number;
  /** Replaced, never changed: answers that are under way may hold it. */
  row: ConversationRow;
  lastInbox: number | null;
  lastOutbox: number | null;
  lastTurn: number | null;
  head: InboxHead | null;
}

/** What an inbox row says; never changes once written. */
export interface KnownInbound {
  cid: number | null;
  text: string;
  receivedAt: number;
  kind: string;
  messageId: string | null;
}

/**
 * What this process wrote or read last, so that a turn need not read back what it has just written: a look-up through the driver
 * costs 3 to 10 us, most of it for carrying columns over. Valid only while nobody else writes and nothing is rolled back; the
 * engine clears it otherwise, before any operation can look. Bounded by the texts it holds.
 */
export class Memory {
  readonly texts = new Recent<KnownInbound>(4_000_000);
  readonly drafts = new Recent<WireOutbox>(4_000_000);
  private readonly conversations = new Recent<Known>(8_000_000);
  private readonly cids = new Map<string, number>();
  private readonly leases = new Map<string, { owner: string; token: number }>();

  byCid(cid: number): Known | undefined {
    return this.conversations.get(cid);
  }

  byId(id: string): Known | undefined {
    const cid = this.cids.get(id);
    return cid === undefined ? undefined : this.conversations.get(cid);
  }

  keep(known: Known): void {
    if (this.cids.size > MOST_IDS) this.cids.clear();
    this.cids.set(known.row.id, known.cid);
    const { facts, desk, bot, undo } = known.row;
    this.conversations.set(known.cid, known, 500 + facts.length + desk.length + bot.length + (undo?.length ?? 0));
  }

  forget(cid: number): void {
    this.conversations.delete(cid);
  }

  /** The lease under which this process holds a side; `undefined` when it must be looked up. */
  leaseOf(cid: number, side: Side): { owner: string; token: number } | undefined {
    return this.leases.get(`${cid} ${side}`);
  }

  setLease(cid: number, side: Side, lease: { owner: string; token: number } | null): void {
    if (lease === null) this.leases.delete(`${cid} ${side}`);
    else this.leases.set(`${cid} ${side}`, lease);
  }

  clear(): void {
    this.texts.clear();
    this.drafts.clear();
    this.conversations.clear();
    this.cids.clear();
    this.leases.clear();
  }
}

const MOST_IDS = 50_000;

/** Keeps what was used lately, in two generations of at most `size` characters each: bounded, and no list to reorder at every look. */
class Recent<V> {
  private young = new Map<number, { value: V; size: number }>();
  private old = new Map<number, { value: V; size: number }>();
  private filled = 0;
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  get(key: number): V | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found.value;
    const older = this.old.get(key);
    if (older === undefined) return undefined;
    this.set(key, older.value, older.size);
    return older.value;
  }

  set(key: number, value: V, size: number): void {
    this.young.set(key, { value, size });
    this.old.delete(key);
    this.filled += size;
    if (this.filled <= this.size) return;
    this.old = this.young;
    this.young = new Map();
    this.filled = 0;
  }

  delete(key: number): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.filled = 0;
  }
}
