/** The server and the routes that belong to no area; the only importer of restify. */
export { createHealthRoutes } from './health-routes.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
export { createDeskPushRoute, createWebhookRoute, type Ingest } from './webhook-route.ts';
