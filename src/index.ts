/**
 * Buyerline as a library: build an app of your own, add a channel, a desk, a dialog step or a store from outside the repository.
 * See `examples/add-a-channel/`.
 */
export { type App, type AppOptions, createApp } from './app.ts';
export { type ChannelFactory, type ChannelParts, defineChannel } from './channels/registry.ts';
export { type Clock, systemClock } from './common/clock.ts';
export * from './common/errors.ts';
export { createHttpClient, type HttpClient } from './common/http-client.ts';
export { parseJson, stringifyLossless, tryParseJson } from './common/json.ts';
export { type AppConfig, loadConfig, readEnvironment } from './config/index.ts';
export * from './contracts/bot.ts';
export * from './contracts/channel.ts';
export * from './contracts/conversation.ts';
export * from './contracts/desk.ts';
export * from './contracts/http.ts';
export * from './contracts/inbound.ts';
export * from './contracts/logger.ts';
export * from './contracts/lookups.ts';
export * from './contracts/message.ts';
export * from './contracts/metrics.ts';
export * from './contracts/outbound.ts';
export * from './contracts/settings.ts';
export * from './contracts/store.ts';
export { createDialogBot, defineStep, loadDialogs, type StepDefinition } from './dialogs/index.ts';
