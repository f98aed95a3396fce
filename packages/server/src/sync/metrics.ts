/** What `/metrics` counts, in the text that Prometheus reads. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly request: (method: string, route: string, status: number, ms: number) => void
  /** How many of what became of them. */
  readonly events: (counts: Readonly<Record<string, number>>) => void
  readonly trouble: (kind: string) => void
  readonly contentType: string
  readonly text: () => Promise<string>
}

/** `listeners`: open channels of this process. */
export function createMetrics(listeners: () => number): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const seconds = new Histogram({
    name: 'spec_kitty_request_seconds',
    help: 'Time to the answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const events = new Counter({
    name: 'spec_kitty_events_total',
    help: 'Events that were sent, by what became of them',
    labelNames: ['result'],
    registers,
  })
  const troubles = new Counter({
    name: 'spec_kitty_troubles_total',
    help: 'Errors that were no request’s fault, by kind',
    labelNames: ['kind'],
    registers,
  })
  new Gauge({
    name: 'spec_kitty_channels',
    help: 'Open realtime channels',
    registers,
    collect() {
      this.set(listeners())
    },
  })
  return {
    request: (method, route, status, ms) =>
      seconds.observe({ method, route, status: String(status) }, ms / 1000),
    events: counts => {
      for (const [result, count] of Object.entries(counts)) if (count > 0) events.inc({ result }, count)
    },
    trouble: kind => troubles.inc({ kind }),
    contentType: register.contentType,
    text: () => register.metrics(),
  }
}
