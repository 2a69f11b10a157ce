import { z } from 'zod';
import type { HttpRequest, HttpRoute } from '../contracts/http.ts';
import type { CastMember } from './demo-cast.ts';
import { DemoInputError, type GuardOptions, guardedPost } from './demo-guard.ts';
import type { DemoMedia } from './demo-media.ts';
import { textAsHtml } from './demo-text.ts';
import type { AgentAction, BuyerAction, StaffAction } from './demo-view.ts';
import { readImage } from './kernel/image.ts';
import type { TiktokControl } from './tiktok/control-methods.ts';
import type { UdeskControl } from './udesk/control-methods.ts';

/** TikTok Shop's limit on a text (reference 5.2); Udesk's own is not published. */
const text = z.string().trim().min(1, 'write something').max(2_000, 'at most 2000 characters');
const buyer = z.string().min(1);
const sessionId = z.number().int().positive();
const agentId = z.number().int().positive();
const imageBase64 = z.base64().optional();

const buyerSchema: z.ZodType<BuyerAction> = z.discriminatedUnion('type', [
  z.strictObject({ buyer, type: z.literal('text'), text }),
  z.strictObject({ buyer, type: z.literal('image'), imageBase64 }),
  z.strictObject({ buyer, type: z.literal('order'), orderId: z.string().min(1) }),
  z.strictObject({ buyer, type: z.literal('product'), productId: z.string().min(1) }),
  z.strictObject({ buyer, type: z.literal('sticker'), imageBase64 }),
]);

const agentSchema: z.ZodType<AgentAction> = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('say'), sessionId, text }),
  z.strictObject({ action: z.literal('image'), sessionId, imageBase64 }),
  z.strictObject({ action: z.literal('transfer'), sessionId, toAgentId: agentId }),
  z.strictObject({ action: z.enum(['close', 'invite-survey', 'read']), sessionId }),
  z.strictObject({ action: z.enum(['online', 'busy', 'offline']), agentId }),
  z.strictObject({ action: z.literal('assign'), customerToken: z.string().min(1) }),
]);

const staffSchema: z.ZodType<StaffAction> = z.strictObject({ buyer, text });

export interface ActionParts extends GuardOptions {
  tiktok: TiktokControl;
  udesk: UdeskControl;
  cast: readonly CastMember[];
  media: DemoMedia;
  /** Whether an order belongs to a buyer, a product to a shop. */
  hasOrder(buyer: CastMember, orderId: string): boolean;
  hasProduct(shopId: string, productId: string): boolean;
  /** Called after something was done: not every effect (a read mark) is told by a simulator at once. */
  acted(): void;
}

/** What the person at the page does: as buyer, as agent, as staff in the seller app. */
export function demoActionRoutes(parts: ActionParts): HttpRoute[] {
  const { tiktok, udesk } = parts;
  const member = (handle: string): CastMember => {
    const found = parts.cast.find((one) => one.handle === handle);
    if (found !== undefined) return found;
    throw new DemoInputError(`no such buyer; there are ${parts.cast.map((one) => one.handle).join(', ')}`);
  };

  const buyerActs = (input: BuyerAction): Record<string, unknown> => {
    const who = member(input.buyer);
    const at = { shopId: who.shopId, buyer: who.userId };
    switch (input.type) {
      case 'text':
        return { ...tiktok.buyerMessage({ ...at, text: input.text }) };
      case 'image':
      case 'sticker': {
        if (input.imageBase64 !== undefined) pictureBytes(input.imageBase64);
        const type = input.type === 'image' ? 'IMAGE' : 'EMOTICONS';
        return { ...tiktok.buyerMessage({ ...at, type, imageBase64: input.imageBase64 }) };
      }
      case 'order':
        if (!parts.hasOrder(who, input.orderId)) throw new DemoInputError('this buyer has no such order');
        return { ...tiktok.buyerMessage({ ...at, type: 'ORDER_CARD', orderId: input.orderId }) };
      case 'product':
        if (!parts.hasProduct(who.shopId, input.productId)) throw new DemoInputError('this shop has no such product');
        return { ...tiktok.buyerMessage({ ...at, type: 'PRODUCT_CARD', productId: input.productId }) };
    }
  };

  const agentActs = (input: AgentAction, request: HttpRequest): Record<string, unknown> => {
    switch (input.action) {
      case 'say':
        return udesk.agentSay({ sessionId: input.sessionId, type: 'text', content: textAsHtml(input.text) });
      case 'image': {
        const path = parts.media.keep(input.imageBase64 === undefined ? undefined : pictureBytes(input.imageBase64));
        if (path === undefined) throw new DemoInputError(NOT_A_PICTURE);
        const content = `${parts.ownUrl() ?? originOf(request)}${path}`;
        return udesk.agentSay({ sessionId: input.sessionId, type: 'image', content });
      }
      case 'transfer':
        return udesk.transfer({ sessionId: input.sessionId, toAgentId: input.toAgentId });
      case 'close':
        udesk.closeSession({ sessionId: input.sessionId });
        return {};
      case 'invite-survey':
        udesk.inviteSurvey({ sessionId: input.sessionId });
        return {};
      case 'read':
        return udesk.agentRead({ sessionId: input.sessionId });
      case 'assign':
        return udesk.assignNext({ customerToken: input.customerToken });
      case 'online':
      case 'busy':
      case 'offline':
        udesk.setAgentStatus({ agentId: input.agentId, status: input.action });
        return {};
    }
  };

  const staffActs = (input: StaffAction): Record<string, unknown> => {
    const who = member(input.buyer);
    return { ...tiktok.staffReply({ shopId: who.shopId, buyer: who.userId, text: input.text }) };
  };

  const acted =
    <T>(run: (input: T, request: HttpRequest) => Record<string, unknown>) =>
    (input: T, request: HttpRequest): Record<string, unknown> => {
      const told = run(input, request);
      parts.acted();
      return told;
    };
  return [
    guardedPost('/demo/api/buyer', parts, buyerSchema, acted(buyerActs)),
    guardedPost('/demo/api/agent', parts, agentSchema, acted(agentActs)),
    guardedPost('/demo/api/staff', parts, staffSchema, acted(staffActs)),
  ];
}

const NOT_A_PICTURE = 'imageBase64 is not a jpg, gif, webp or png picture';

function pictureBytes(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (readImage(bytes) === null) throw new DemoInputError(NOT_A_PICTURE);
  return bytes;
}

/** Where the bridge, in this very process, finds what the page's routes serve. */
function originOf(request: HttpRequest): string {
  const host = request.headers.host ?? '127.0.0.1';
  return `http://${host.replace(/^(?:[^:/]+\.)?localhost(?=:|$)/, '127.0.0.1')}`;
}
