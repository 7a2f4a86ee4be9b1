export { createLogs, type Log, type LogLevel, type Logs } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
