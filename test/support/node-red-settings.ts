import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { root } from '../../demo/user-dir';

/** Node-RED's settings in tests and benchmarks, and what its process can be asked over IPC. */

let delay: IntervalHistogram | undefined;
let cpu = process.cpuUsage();
let peak = 0;
let sampler: NodeJS.Timeout | undefined;

const questions: Record<string, () => unknown> = {
  /** Begins to measure the main thread. */
  startMeasuring() {
    global.gc?.();
    delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    cpu = process.cpuUsage();
    peak = process.memoryUsage().rss;
    clearInterval(sampler);
    sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    sampler.unref();
    return { rss: peak };
  },
  /** Event-loop delay in ms (less the timer's own 5 ms), CPU ms of all threads, peak memory in bytes. */
  stopMeasuring() {
    delay?.disable();
    clearInterval(sampler);
    const { user, system } = process.cpuUsage(cpu);
    return {
      delayP99: Math.max(0, (delay?.percentile(99) ?? 0) / 1e6 - 5),
      delayMax: Math.max(0, (delay?.max ?? 0) / 1e6 - 5),
      cpu: (user + system) / 1000,
      peak,
    };
  },
  memory: () => process.memoryUsage(),
  /** Worker threads, and the ports its TCP sockets are connected to. */
  open() {
    const report = process.report.getReport() as unknown as {
      workers: unknown[];
      libuv: { type: string; remoteEndpoint?: { port: number } | null }[];
    };
    const peers = report.libuv.flatMap(({ type, remoteEndpoint }) =>
      type === 'tcp' && remoteEndpoint ? [remoteEndpoint.port] : [],
    );
    return { workers: report.workers.length, peers };
  },
};

process.on('message', ({ question, id }: { question: string; id: string }) => {
  process.send?.({ answer: [id, questions[question]?.()] });
});
// Whoever started this process is gone: nobody would stop it.
process.on('disconnect', () => process.exit());

/** A dashboard only for those with this cookie: middleware for its pages and for its sockets, as Dashboard takes them. */
function guarded(cookie: string) {
  type Request = { headers: { cookie?: string } };
  const isKnown = ({ headers }: Request) => headers.cookie?.includes(cookie) === true;
  return {
    middleware(request: Request, response: { sendStatus(status: number): void }, next: () => void) {
      if (isKnown(request)) next();
      else response.sendStatus(401);
    },
    ioMiddleware(socket: { request: Request }, next: (error?: Error) => void) {
      next(isKnown(socket.request) ? undefined : new Error('unauthorized'));
    },
  };
}

const settings = {
  flowFile: 'flows.json',
  credentialSecret: false,
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT),
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
  editorTheme: { tours: false },
  nodesDir: join(root, 'test', 'support', 'nodes'),
  ...(process.env.TEST_DASHBOARD_COOKIE === undefined ? {} : { dashboard: guarded(process.env.TEST_DASHBOARD_COOKIE) }),
  ...JSON.parse(process.env.TEST_SETTINGS ?? '{}'),
};

export = settings;
