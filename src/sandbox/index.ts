/** Local TikTok Shop and Udesk for tests, the demo and developers without accounts. Start one by its `create…Simulator`. */
export * from './demo-world.ts';
export type { Change, ChangeListener } from './kernel/change-hub.ts';
export type { DeliveryChaos, DeliverySwitches } from './kernel/delivery-plan.ts';
export type { Fault } from './kernel/faults.ts';
export { makePng } from './kernel/image.ts';
export type { ConversationView, MessageRef, TiktokControl } from './tiktok/control-methods.ts';
export type { TiktokSimulatorOptions } from './tiktok/options.ts';
export { createTiktokSimulator, type TiktokSimulator } from './tiktok/tiktok-simulator.ts';
export type { TiktokSeed } from './tiktok/types.ts';
export type { WebhookDelivery } from './tiktok/webhooks.ts';
export type { QueueView, Ratings, SessionView, UdeskControl } from './udesk/control-methods.ts';
export type { UdeskBehaviour, UdeskSimulatorOptions } from './udesk/options.ts';
export type { PushDelivery } from './udesk/pushes.ts';
export type { UdeskSeed } from './udesk/types.ts';
export { createUdeskSimulator, type UdeskSimulator } from './udesk/udesk-simulator.ts';
