import { LRUCache } from 'lru-cache';
import type { Called, UdeskClient } from './client.ts';
import { endpoints } from './endpoints.ts';
import { isSettingCode } from './errors.ts';

type Customer = { id: string | undefined; name: string | undefined };

const NAME_LIMIT = 100;

/** Buyers as Udesk's customers: our token is their `open_api_token`, their numeric id is kept as a text. */
export class Customers {
  readonly #client: UdeskClient;
  /** Token -> Udesk id; a shortcut only, find by token is the record. */
  readonly #ids = new LRUCache<string, string>({ max: 20_000 });

  constructor(client: UdeskClient) {
    this.#client = client;
  }

  /**
   * Find by token, else create, else find again, else go on: session creation makes an anonymous customer itself, so a failure here
   * never keeps a buyer from an agent. Two calls at most when the customer is new, none when it was seen before.
   * Codes of a duplicate token are not published; finding again settles that case.
   */
  async ensure(token: string, name: string, signal?: AbortSignal): Promise<string | undefined> {
    const cached = this.#ids.get(token);
    if (cached !== undefined) return cached;
    const found = await this.find(token, signal);
    if (found.kind === 'answered' && found.result.id !== undefined) {
      await this.#nameAnonymous(token, name, found.result, signal);
      return this.#remember(token, found.result.id);
    }
    // Not reachable, or the account is refused: the session call will say so itself.
    if (found.kind === 'unknown' || found.kind === 'not_sent') return undefined;
    if (found.kind === 'refused' && found.code !== null && isSettingCode(found.code)) return undefined;
    const created = await this.#create(token, name, signal);
    if (created.kind === 'answered' && created.result.id !== undefined) return this.#remember(token, created.result.id);
    if (created.kind === 'not_sent') return undefined;
    const again = await this.find(token, signal);
    return again.kind === 'answered' && again.result.id !== undefined
      ? this.#remember(token, again.result.id)
      : undefined;
  }

  /** `id` is `undefined` when Udesk answers success without a customer. */
  async find(token: string, signal?: AbortSignal): Promise<Called<Customer>> {
    const wanted = { type: 'token', content: token };
    return asCustomer(await this.#client.call(endpoints.findCustomer, wanted, { signal, refusalExpected: true }));
  }

  async rename(token: string, name: string, signal?: AbortSignal): Promise<Called<Customer>> {
    const customer = { nick_name: shortName(name) };
    const values = { type: 'token', content: token, customer };
    return asCustomer(await this.#client.call(endpoints.updateCustomer, values, { signal }));
  }

  /** After "invalid customer": the id that we knew is worth nothing. */
  forget(token: string): void {
    this.#ids.delete(token);
  }

  async #create(token: string, name: string, signal?: AbortSignal): Promise<Called<Customer>> {
    const customer = { nick_name: shortName(name), open_api_token: token };
    return asCustomer(await this.#client.call(endpoints.createCustomer, { customer }, { signal }));
  }

  /** Udesk calls a customer that a session created "… (token)", in the tenant's language; a name an agent gave is left alone. */
  async #nameAnonymous(token: string, name: string, customer: Customer, signal?: AbortSignal): Promise<void> {
    if (name === '' || name.includes(token) || customer.name?.includes(token) !== true) return;
    await this.rename(token, name, signal);
  }

  #remember(token: string, id: string): string {
    this.#ids.set(token, id);
    return id;
  }
}

const shortName = (name: string): string => [...name].slice(0, NAME_LIMIT).join('');

function asCustomer(called: Called<{ customer?: { id?: string; nick_name?: string } | undefined }>): Called<Customer> {
  if (called.kind !== 'answered') return called;
  const { customer } = called.result;
  return { ...called, result: { id: customer?.id, name: customer?.nick_name } };
}
