/** Baseline A: parses the JSON and checks the HMAC, nothing else. */
import { serveWebhooks } from './webhook-server.ts';

serveWebhooks();
