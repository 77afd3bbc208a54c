import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Node-RED's log levels, by number. */
const levels: Record<number, string> = { 10: 'fatal', 20: 'error', 30: 'warn', 40: 'info', 50: 'debug', 60: 'trace' };
const logFile = join(process.env.DEMO_USER_DIR ?? '.', 'node-red.log');

/**
 * Node-RED's settings for the demo. What differs from run to run comes in the environment (PORT, DEMO_USER_DIR);
 * over the IPC channel it tells when somebody opens the dashboard.
 */
const settings = {
  flowFile: 'flows.json',
  credentialSecret: 'kafka-video-demo',
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT ?? 1880),
  telemetry: { enabled: false, updateNotification: false },
  // The terminal is for the addresses and for errors; everything else is in the log file.
  logging: {
    console: { level: 'error', metrics: false, audit: false },
    file: {
      level: 'info',
      metrics: false,
      audit: false,
      handler: () => (entry: { level: number; type?: string; name?: string; id?: string; msg: unknown }) => {
        const node = entry.type ? ` [${entry.type}:${entry.name || entry.id}]` : '';
        appendFileSync(logFile, `${new Date().toISOString()} ${levels[entry.level] ?? ''}${node} ${entry.msg}\n`);
      },
    },
  },
  editorTheme: { tours: false },
  dashboard: {
    ioMiddleware(_socket: unknown, next: () => void) {
      process.send?.('viewer');
      next();
    },
  },
};

// Whoever started this process is gone, and would have stopped it.
process.on('disconnect', () => process.exit());

export = settings;
