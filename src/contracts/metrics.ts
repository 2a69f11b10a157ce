/**
 * The figures of `/metrics`. Label names are part of the declaration; label values are few (never an id).
 * Seconds in histograms, as Prometheus wants it.
 */
export const METRICS = {
  buyerline_webhooks_total: {
    kind: 'counter',
    help: 'Webhook requests by channel and answer',
    labels: ['channel', 'answer'],
  },
  buyerline_http_answers_total: {
    kind: 'counter',
    help: 'HTTP answers by route pattern and status',
    labels: ['route', 'status'],
  },
  buyerline_inbound_events_total: {
    kind: 'counter',
    help: 'Events by what ingest made of them',
    labels: ['channel', 'outcome'],
  },
  buyerline_aside_total: {
    kind: 'counter',
    help: 'Bodies or events set aside, by reason',
    labels: ['source', 'reason'],
  },
  buyerline_turns_total: { kind: 'counter', help: 'Turns by outcome', labels: ['outcome'] },
  buyerline_turn_seconds: { kind: 'histogram', help: 'Time of a turn from claim to commit', labels: [] },
  buyerline_deliveries_total: { kind: 'counter', help: 'Deliveries by side and outcome', labels: ['side', 'outcome'] },
  buyerline_delivery_seconds: { kind: 'histogram', help: 'Time from decision to acceptance', labels: ['side'] },
  buyerline_first_answer_seconds: {
    kind: 'histogram',
    help: "Time from a burst's last line to the first answer accepted",
    labels: ['channel'],
  },
  buyerline_handoffs_total: { kind: 'counter', help: 'Handoffs by outcome', labels: ['outcome'] },
  buyerline_owner_changes_total: { kind: 'counter', help: 'Owner changes', labels: ['from', 'to'] },
  buyerline_dead_letters: { kind: 'gauge', help: 'Dead letters waiting for a person', labels: ['side'] },
  buyerline_inbox_pending: { kind: 'gauge', help: 'Events waiting for a turn', labels: [] },
  buyerline_outbox_pending: { kind: 'gauge', help: 'Messages waiting to be sent', labels: ['side'] },
  buyerline_vendor_calls_total: {
    kind: 'counter',
    help: 'Calls to platforms by endpoint and outcome',
    labels: ['vendor', 'endpoint', 'outcome'],
  },
  buyerline_vendor_call_seconds: { kind: 'histogram', help: 'Time of a call to a platform', labels: ['vendor'] },
  buyerline_budget_remaining: {
    kind: 'gauge',
    help: 'Calls left today or in this window',
    labels: ['vendor', 'window'],
  },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'gauge' | 'histogram'; help: string; labels: readonly string[] }
>;

export type MetricName = keyof typeof METRICS;

export interface Metrics {
  count(name: MetricName, labels?: Record<string, string>, by?: number): void;
  gauge(name: MetricName, value: number, labels?: Record<string, string>): void;
  observe(name: MetricName, value: number, labels?: Record<string, string>): void;
}

export const noMetrics: Metrics = { count: () => {}, gauge: () => {}, observe: () => {} };
