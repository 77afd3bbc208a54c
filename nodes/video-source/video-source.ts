import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { VideoSource } from '../../lib/decode/video-source';
import type { VideoSourceListener } from '../../lib/decode/video-source-events';
import { VideoError } from '../../lib/errors';
import type { InputOption } from '../../lib/ffmpeg/input-options';
import type { WindowLimits } from '../../lib/flow/window';
import { cameraUrl, type Login } from '../../lib/source/camera';
import type { Source } from '../../lib/source/source';
import { openSourceFlow } from '../common/flow-control';
import { windowLimits } from '../common/limits';
import { retainPool } from '../common/pool';
import { evaluateProperty, inOrder } from '../common/property';
import { settingsOf } from '../common/settings';
import { reportError, showStatus } from '../common/status';
import { registerAdminRoutes } from './admin';
import { claimStream, releaseStream } from './default-streams';
import { loginOf, optionsOf } from './options';
import { sourceRules } from './source-rules';
import { showEvent, statusOf } from './video-status';

interface VideoSourceConfig extends NodeDef {
  source: string;
  /** `camera`: the address of one, which is opened with this node's credentials; or a TypedInput's. */
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
  squarePixels?: boolean;
  videoStream?: string;
  variant?: string;
  hwaccel?: string;
  stallTimeout?: string;
  transport?: string;
  /** Of a camera true unless it is cleared. */
  live?: boolean;
  follow?: boolean;
  every?: string;
  pictures?: 'jpeg' | 'source';
  inputOptions?: InputOption[];
}

interface ControlMessage extends NodeMessage {
  action?: unknown;
  position?: unknown;
}

interface VideoSourceNode extends Node<Login> {
  video: VideoSource;
  /** Where its credentials are sent, if it is a camera. */
  address?: string;
}

module.exports = (RED: NodeAPI) => {
  function VideoSourceNode(this: VideoSourceNode, config: VideoSourceConfig) {
    RED.nodes.createNode(this, config);
    if (config.sourceType === 'camera') this.address = config.source;
    try {
      start(RED, this, config, windowLimits(config));
    } catch (error) {
      reportError(this, error, { status: statusOf(error) });
      this.on('input', (_msg, _send, done) => done(error as Error));
    }
  }
  RED.nodes.registerType<VideoSourceNode, VideoSourceConfig, object, Login>('video-source', VideoSourceNode, {
    credentials: { user: { type: 'text' }, password: { type: 'password' } },
  });
  registerAdminRoutes(RED);
};

function start(RED: NodeAPI, node: VideoSourceNode, config: VideoSourceConfig, limits: WindowLimits): void {
  const flow = openSourceFlow(RED, node, limits);
  const { pool, release } = retainPool(RED);
  let startedBy: NodeMessage | undefined;
  /** What has no stream id but its own, of the sources that were prepared last. */
  let unnamed: { stream: string; source: Source } | undefined;

  const listener: VideoSourceListener = {
    onFrame: ({ frame, data }, finish) =>
      flow.send({ payload: data, topic: frame.stream, frame } as NodeMessage, finish),
    onEvent: (event, topic) => {
      showEvent(node, event, flow.heldBy);
      const isOpen = event.event === 'opened' || event.event === 'reconnecting';
      if (isOpen && topic === unnamed?.stream) claimStream(node, topic, unnamed.source);
      node.send([null, { ...event, topic }]);
    },
    onFailure: (error) => reportError(node, error, { status: statusOf(error), msg: startedBy }),
    onState: (state) => {
      if (state === 'opening') showStatus(node, 'waiting', 'opening');
      if (state === 'reconnecting') showStatus(node, 'waiting', 'reconnecting');
      if (state === 'idle') showStatus(node, 'idle', 'stopped');
      if (['idle', 'ended', 'failed'].includes(state)) releaseStream(node);
    },
  };
  node.video = new VideoSource({
    pool,
    listener,
    ffmpegPath: settingsOf(RED).ffmpegPath,
    rules: sourceRules(RED),
    whenBusy: config.whenBusy,
    limits,
    onDefaultStream: (stream, source) => {
      unnamed = { stream, source };
    },
  });

  const evaluateInOrder = inOrder();
  const handle = async (msg: ControlMessage): Promise<void> => {
    const action = msg.action ?? 'start';
    const source = await evaluateInOrder(() => (action === 'start' ? sourceOf(RED, node, config, msg) : undefined));
    switch (action) {
      case 'start': {
        startedBy = msg;
        // Context holds what messages left there.
        const trusted = ['str', 'env', 'camera'].includes(config.sourceType);
        return node.video.start({ source, trusted, stream: config.stream, options: optionsOf(config) });
      }
      case 'stop':
        return node.video.stop();
      case 'pause':
        return node.video.pause();
      case 'resume':
        return node.video.resume();
      case 'seek':
        return node.video.seek(msg.position);
      default:
        throw new VideoError(
          'BAD_OPTION',
          `msg.action is ${JSON.stringify(msg.action)}: send start, stop, pause, resume or seek, or no action to start`,
        );
    }
  };

  node.on('input', (msg: ControlMessage, _send, done) => {
    handle(msg).then(
      () => done(),
      // Closed while its source was being evaluated: nobody is left to play it for.
      (error) => (isClosed(error) ? done() : reportError(node, error, { status: statusOf(error), done })),
    );
  });

  // Not before all nodes exist: the first frames would find nobody.
  const onFlowsStarted = () => node.receive({ action: 'start' } as ControlMessage);
  if (config.autostart) RED.events.once('flows:started', onFlowsStarted);

  node.on('close', (_removed: boolean, done: (error?: Error) => void) => {
    RED.events.removeListener('flows:started', onFlowsStarted);
    flow.close();
    releaseStream(node);
    node.video
      .close()
      .then(release)
      .then(() => done(), done);
  });
}

/** What a message that starts is to play. Throws BAD_OPTION for a camera's address or login that cannot be one. */
function sourceOf(
  RED: NodeAPI,
  node: VideoSourceNode,
  { source, sourceType }: VideoSourceConfig,
  msg: NodeMessage,
): unknown {
  if (sourceType !== 'camera') return evaluateProperty(RED, node, source, sourceType, msg);
  return cameraUrl(source, loginOf(node.credentials));
}

const isClosed = (error: unknown) => error instanceof VideoError && error.code === 'CLOSED';
