import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Priority } from './budget.ts';
import { type Client, nothing } from './client.ts';
import { type ApiFailure, type ApiResult, isUnknownPath } from './errors.ts';
import {
  type ApiConversation,
  agentSettingsSchema,
  conversationAnswerSchema,
  conversationPageSchema,
  createdSchema,
  messagePageSchema,
  sentSchema,
  uploadedSchema,
} from './schema.ts';

export interface CallOptions {
  priority: Priority;
  signal?: AbortSignal;
}

export type ConversationPage = z.output<typeof conversationPageSchema>;
export type MessagePage = z.output<typeof messagePageSchema>;
export type Uploaded = z.output<typeof uploadedSchema>;

/** The customer-service calls, version 202309 unless the method says otherwise. Source: the Partner Center page of each call. */
export interface CustomerService {
  /** With `senderRole` the 202606 path is used, the only one that knows the field. `content` is JSON text. */
  sendMessage(
    shopId: string,
    conversationId: string,
    message: { type: string; content: string; senderRole?: 'CUSTOMER_SERVICE' | 'ROBOT' | null },
    signal?: AbortSignal,
  ): Promise<ApiResult<{ message_id: string | null }>>;
  /** At most 20 a page; the order is not documented. */
  listConversations(shopId: string, pageToken: string, options: CallOptions): Promise<ApiResult<ConversationPage>>;
  /** At most 10 a page, newest first. */
  listMessages(
    shopId: string,
    conversationId: string,
    pageToken: string,
    options: CallOptions,
  ): Promise<ApiResult<MessagePage>>;
  /** The only calls that tell a buyer's `user_id`: 202601 where it exists, otherwise the list is walked. `null`: no such conversation. */
  getConversation(
    shopId: string,
    conversationId: string,
    options: CallOptions,
  ): Promise<ApiResult<ApiConversation | null>>;
  /** Marks all of the buyer's messages as read. Sent without a body, as documented. */
  markRead(shopId: string, conversationId: string, signal?: AbortSignal): Promise<ApiResult<unknown>>;
  /** Opens, or reopens under the same id. */
  createConversation(shopId: string, buyerUserId: string): Promise<ApiResult<{ conversation_id: string }>>;
  /** jpg, png, gif or webp up to 10 MB. */
  uploadImage(
    shopId: string,
    image: { bytes: Buffer; mediaType: string; fileName: string },
    signal?: AbortSignal,
  ): Promise<ApiResult<Uploaded>>;
  getAgentSettings(shopId: string): Promise<ApiResult<{ can_accept_chat: boolean }>>;
  updateAgentSettings(shopId: string, canAcceptChat: boolean): Promise<ApiResult<unknown>>;
}

const ROOT = '/customer_service/202309';
const CONVERSATION_PAGE = '20';
const MESSAGE_PAGE = '10';
/** Pages of the list that are walked for one conversation where get-conversation does not exist. */
const SCAN_PAGES = 10;
const UPLOAD_TIMEOUT_MS = 15_000;

export function createCustomerService(client: Client): CustomerService {
  /** Shops whose gateway does not know 202601: not asked again while this process runs. */
  const without202601 = new Set<string>();
  const conversationPath = (id: string, rest: string) => `${ROOT}/conversations/${encodeURIComponent(id)}${rest}`;

  const service: CustomerService = {
    sendMessage(shopId, conversationId, message, signal) {
      const { type, content, senderRole } = message;
      const version = senderRole ? '202606' : '202309';
      return client.call(
        {
          shopId,
          endpoint: 'messages.send',
          method: 'POST',
          path: `/customer_service/${version}/conversations/${encodeURIComponent(conversationId)}/messages`,
          body: senderRole ? { type, content, sender_role: senderRole } : { type, content },
          priority: 'send',
          counted: true,
          signal,
        },
        sentSchema,
      );
    },
    listConversations: (shopId, pageToken, { priority, signal }) =>
      client.call(
        {
          shopId,
          endpoint: 'conversations.list',
          method: 'GET',
          path: `${ROOT}/conversations`,
          query: { page_size: CONVERSATION_PAGE, page_token: pageToken },
          priority,
          counted: true,
          signal,
        },
        conversationPageSchema,
      ),
    listMessages: (shopId, conversationId, pageToken, { priority, signal }) =>
      client.call(
        {
          shopId,
          endpoint: 'messages.list',
          method: 'GET',
          path: conversationPath(conversationId, '/messages'),
          query: { page_size: MESSAGE_PAGE, page_token: pageToken, sort_order: 'DESC', sort_field: 'create_time' },
          priority,
          counted: true,
          signal,
        },
        messagePageSchema,
      ),
    async getConversation(shopId, conversationId, options) {
      if (!without202601.has(shopId)) {
        const answer = await client.call(
          {
            shopId,
            endpoint: 'conversations.get',
            method: 'GET',
            path: `/customer_service/202601/conversations/${encodeURIComponent(conversationId)}`,
            priority: options.priority,
            counted: true,
            signal: options.signal,
          },
          conversationAnswerSchema,
        );
        if (answer.kind === 'ok') return { kind: 'ok', data: answer.data.conversation };
        if (isMissing(answer)) return { kind: 'ok', data: null };
        if (!isUnknownPath(answer)) return answer;
        without202601.add(shopId);
      }
      return scan(shopId, conversationId, options);
    },
    markRead: (shopId, conversationId, signal) =>
      client.call(
        {
          shopId,
          endpoint: 'messages.read',
          method: 'POST',
          path: conversationPath(conversationId, '/messages/read'),
          priority: 'low',
          counted: true,
          signal,
        },
        nothing,
      ),
    createConversation: (shopId, buyerUserId) =>
      client.call(
        {
          shopId,
          endpoint: 'conversations.create',
          method: 'POST',
          path: `${ROOT}/conversations`,
          body: { buyer_user_id: buyerUserId },
          priority: 'send',
          counted: true,
        },
        createdSchema,
      ),
    uploadImage: (shopId, image, signal) =>
      client.call(
        {
          shopId,
          endpoint: 'images.upload',
          method: 'POST',
          path: `${ROOT}/images/upload`,
          form: formOf(image),
          priority: 'send',
          counted: false,
          timeoutMs: UPLOAD_TIMEOUT_MS,
          signal,
        },
        uploadedSchema,
      ),
    getAgentSettings: (shopId) =>
      client.call(
        {
          shopId,
          endpoint: 'agents.settings',
          method: 'GET',
          path: `${ROOT}/agents/settings`,
          priority: 'low',
          counted: false,
        },
        agentSettingsSchema,
      ),
    updateAgentSettings: (shopId, canAcceptChat) =>
      client.call(
        {
          shopId,
          endpoint: 'agents.settings.update',
          method: 'PUT',
          path: `${ROOT}/agents/settings`,
          body: { can_accept_chat: canAcceptChat },
          priority: 'low',
          counted: false,
        },
        nothing,
      ),
  };
  return service;

  async function scan(
    shopId: string,
    conversationId: string,
    options: CallOptions,
  ): Promise<ApiResult<ApiConversation | null>> {
    let pageToken = '';
    for (let page = 0; page < SCAN_PAGES; page++) {
      const result = await service.listConversations(shopId, pageToken, options);
      if (result.kind === 'failed') return result;
      const found = result.data.conversations.find((conversation) => conversation.id === conversationId);
      if (found !== undefined) return { kind: 'ok', data: found };
      pageToken = result.data.next_page_token;
      if (pageToken === '') return { kind: 'ok', data: null };
    }
    return { kind: 'ok', data: null };
  }
}

const isMissing = (failure: ApiFailure) => failure.code === '45101003';

/** One file under the field `data`. Source: `upload-buyer-messages-image` (202309) and the v1 mapping. */
function formOf(image: { bytes: Buffer; mediaType: string; fileName: string }): { contentType: string; bytes: Buffer } {
  const boundary = `buyerline${randomBytes(16).toString('hex')}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="data"; filename="${image.fileName}"\r\nContent-Type: ${image.mediaType}\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), image.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
