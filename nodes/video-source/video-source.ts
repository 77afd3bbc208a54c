import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { VideoSource } from '../../lib/decode/video-source';
import type { VideoSourceListener } from '../../lib/decode/video-source-events';
import { VideoError } from '../../lib/errors';
import { openSourceFlow } from '../common/flow-control';
import { retainPool } from '../common/pool';
import { settingsOf } from '../common/settings';
import { reportError, showStatus } from '../common/status';
import { registerAdminRoutes } from './admin';
import { sourceRules } from './source-rules';
import { showEvent, statusOf } from './video-status';

interface VideoSourceConfig extends NodeDef {
  source: string;
  sourceType: string;
  stream: string;
  /** Numbers, or empty = unset: see DecodeOptions. */
  fps: string;
  width: string;
  height: string;
  quality: number | string;
  start: string;
  end: string;
  loop: boolean;
  realtime: boolean;
  autostart: boolean;
  maxFrames: number | string;
  maxMegabytes: number | string;
  /** Added later: flows from before lack them. */
  whenBusy?: 'replace' | 'queue';
  deinterlace?: string;
  videoStream?: string;
  hwaccel?: string;
  stallTimeout?: string;
}

interface ControlMessage extends NodeMessage {
  action?: unknown;
  position?: unknown;
}

interface VideoSourceNode extends Node {
  video: VideoSource;
}

module.exports = (RED: NodeAPI) => {
  function VideoSourceNode(this: VideoSourceNode, config: VideoSourceConfig) {
    RED.nodes.createNode(this, config);
    const flow = openSourceFlow(RED, this);
    const { pool, release } = retainPool(RED);
    let startedBy: NodeMessage | undefined;

    const listener: VideoSourceListener = {
      onFrame: ({ frame, data }, finish) =>
        flow.send({ payload: data, topic: frame.stream, frame } as NodeMessage, finish),
      onEvent: (event, topic) => {
        showEvent(this, event);
        this.send([null, { ...event, topic }]);
      },
      onFailure: (error) => reportError(this, error, { status: statusOf(error), msg: startedBy }),
      onState: (state) => {
        if (state === 'opening') showStatus(this, 'waiting', 'opening');
        if (state === 'reconnecting') showStatus(this, 'waiting', 'reconnecting');
        if (state === 'idle') showStatus(this, 'idle', 'stopped');
      },
    };
    this.video = new VideoSource({
      pool,
      listener,
      ffmpegPath: settingsOf(RED).ffmpegPath,
      rules: sourceRules(RED),
      whenBusy: config.whenBusy,
      limits: {
        maxFrames: Number(config.maxFrames) || 30,
        maxBytes: (Number(config.maxMegabytes) || 64) * 1_000_000,
      },
    });

    /** Settled when the source of the start before is known: a context store may take its time, and order is kept. */
    let previous: Promise<unknown> = Promise.resolve();
    const handle = async (msg: ControlMessage): Promise<void> => {
      const action = msg.action ?? 'start';
      const evaluated = previous.then(() =>
        action === 'start' ? readProperty(RED, this, config.source, config.sourceType, msg) : undefined,
      );
      previous = evaluated.catch(() => {}); // Reported for its own message, below.
      const source = await evaluated;
      switch (action) {
        case 'start': {
          startedBy = msg;
          // Context holds what messages left there.
          const trusted = config.sourceType === 'str' || config.sourceType === 'env';
          return this.video.start({ source, trusted, stream: config.stream, options: config });
        }
        case 'stop':
          return this.video.stop();
        case 'pause':
          return this.video.pause();
        case 'resume':
          return this.video.resume();
        case 'seek':
          return this.video.seek(msg.position);
        default:
          throw new VideoError(
            'BAD_OPTION',
            `msg.action is ${JSON.stringify(msg.action)}: send start, stop, pause, resume or seek, or no action to start`,
          );
      }
    };

    this.on('input', (msg: ControlMessage, _send, done) => {
      handle(msg).then(
        () => done(),
        // Closed while its source was being evaluated: nobody is left to play it for.
        (error) => (isClosed(error) ? done() : reportError(this, error, { status: statusOf(error), done })),
      );
    });

    // Not before all nodes exist: the first frames would find nobody.
    const onFlowsStarted = () => this.receive({ action: 'start' } as ControlMessage);
    if (config.autostart) RED.events.once('flows:started', onFlowsStarted);

    this.on('close', (_removed: boolean, done: (error?: Error) => void) => {
      RED.events.removeListener('flows:started', onFlowsStarted);
      flow.close();
      this.video
        .close()
        .then(release)
        .then(() => done(), done);
    });
  }

  RED.nodes.registerType('video-source', VideoSourceNode);

  registerAdminRoutes(RED);
};

const isClosed = (error: unknown) => error instanceof VideoError && error.code === 'CLOSED';

function readProperty(RED: NodeAPI, node: Node, value: string, type: string, msg: NodeMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
