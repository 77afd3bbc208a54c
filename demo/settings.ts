import type { Socket } from 'node:net';

/**
 * Node-RED's settings for the demo. What differs from run to run comes in the environment:
 * PORT, and an IPC channel that is told when the first viewer opens the dashboard.
 */
const settings = {
  flowFile: 'flows.json',
  credentialSecret: false,
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT ?? 1880),
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
  editorTheme: { tours: false, projects: { enabled: false } },
  dashboard: {
    ioMiddleware(_socket: Socket, next: () => void) {
      process.send?.('viewer');
      next();
    },
  },
};

export = settings;
