import type { HandoffRequest } from '../contracts/conversation.ts';
import type { TurnScope } from './turn-scope.ts';

const LABELS = {
  en: {
    head: 'New conversation from Buyerline',
    reason: 'Why',
    note: 'Note',
    language: 'Buyer language',
    shop: 'Shop',
    buyer: 'Buyer',
    order: 'Order',
    product: 'Product',
    talk: 'Last lines',
    who: { buyer: 'Buyer', bot: 'Bot' },
    reasons: {
      buyer_asked: 'the buyer asked for a person',
      not_understood: 'the bot did not understand',
      error: 'a dialog failed',
      reply_mode_off: 'the bot is off for this shop',
      staff_silent: 'staff in the seller app stopped answering',
      undeliverable: "the marketplace refused the bot's words",
      returns: 'a return or refund',
      change_order: 'wants to cancel or change an order',
      payment_problem: 'a problem with a payment',
      product_question: 'a question about a product',
      not_received: 'shown as delivered, not received',
      order_not_found: 'the order could not be found',
      pictures: 'sent pictures without words',
    },
  },
  zh: {
    head: 'Buyerline 转入的新会话',
    reason: '原因',
    note: '备注',
    language: '买家语言',
    shop: '店铺',
    buyer: '买家',
    order: '订单',
    product: '商品',
    talk: '最近对话',
    who: { buyer: '买家', bot: '机器人' },
    reasons: {
      buyer_asked: '买家要求人工',
      not_understood: '机器人未能理解',
      error: '对话脚本出错',
      reply_mode_off: '该店铺未启用机器人',
      staff_silent: '卖家后台客服未继续回复',
      undeliverable: '平台拒绝了机器人的话',
      returns: '退货或退款',
      change_order: '想取消或修改订单',
      payment_problem: '付款问题',
      product_question: '商品咨询',
      not_received: '显示送达但未收到',
      order_not_found: '未能找到订单',
      pictures: '只发了图片或视频',
    },
  },
} as const;

/**
 * The agent's first message: what a person needs to go on without asking again. In the agents' language, facts first, then the last lines
 * verbatim (this turn's included). Read from the turn's own state, so it costs no query.
 */
export function buildPacket(scope: TurnScope, request: HandoffRequest): string {
  const { conversation, settings } = scope.draft;
  const label = settings.agentLanguage.startsWith('zh') ? LABELS.zh : LABELS.en;
  const reasons: Record<string, string> = label.reasons;
  const lines = [
    `【${label.head}】`,
    `${label.reason}: ${reasons[request.reason] ?? request.reason}`,
    request.note && `${label.note}: ${request.note}`,
    `${label.shop}: ${conversation.channel} ${conversation.shopId}${settings.market === null ? '' : ` (${settings.market})`}`,
    conversation.facts.buyerName && `${label.buyer}: ${conversation.facts.buyerName}`,
    `${label.language}: ${scope.language()}`,
    conversation.facts.orderId && `${label.order}: ${conversation.facts.orderId}`,
    conversation.facts.productId && `${label.product}: ${conversation.facts.productId}`,
  ];
  const talk = lastLines(scope);
  if (talk.length > 0) lines.push(`${label.talk}:`, ...talk.map((line) => `${label.who[line.who]}: ${line.text}`));
  return lines.filter((line): line is string => typeof line === 'string' && line !== '').join('\n');
}

const KEPT_LINES = 12;

export interface TalkLine {
  who: 'buyer' | 'bot';
  text: string;
}

function lastLines(scope: TurnScope): TalkLine[] {
  const held = scope.draft.conversation.bot.talk;
  const earlier: TalkLine[] = Array.isArray(held) ? held : [];
  return earlier.slice(-KEPT_LINES);
}

/** Keeps the last lines of the episode in the bot state, for the packet. Buyer's words are kept before the bot runs, the bot's after. */
export function rememberTalk(bot: Record<string, unknown>, lines: TalkLine[]): void {
  if (lines.length === 0) return;
  const held = bot.talk;
  const earlier: TalkLine[] = Array.isArray(held) ? held : [];
  bot.talk = [...earlier, ...lines.map((line) => ({ who: line.who, text: line.text.slice(0, 500) }))].slice(
    -KEPT_LINES,
  );
}
