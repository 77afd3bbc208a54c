import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { Display } from '../../lib/display/display';
import type { DisplayItem } from '../../lib/display/screen';
import { VideoError } from '../../lib/errors';
import { defaultQuality } from '../../lib/ffmpeg/options';
import { MessageFrameReader } from '../../lib/frame/message-frame-reader';
import type { PacingMode } from '../../lib/playout/timeline';
import { systemClock } from '../../lib/time/clock';
import { PictureDecoder } from '../../lib/transcode/picture-decoder';
import { openSinkFlow } from '../common/flow-control';
import { retainPool } from '../common/pool';
import { settingsOf } from '../common/settings';
import { reportError, showStatus } from '../common/status';
import {
  type DashboardWidget,
  isForDashboard,
  registerWidget,
  takeOutput,
  warnOfOpenSockets,
} from './dashboard-widget';
import { showReport } from './display-status';
import { type FrameMessage, placeOf, rangeOf, readerOf } from './kafka-place';
import { overlayCorner, type PacingFields, pacingOptions, viewerMode } from './options';
import { mayCommand, rightsOf } from './rights';
import { ViewerChannel } from './viewer-channel';

interface FrameDisplayConfig extends NodeDef, PacingFields {
  group: string;
  order: number;
  width: string | number;
  height: string | number;
  pacing: PacingMode;
  stream: string;
  fit: 'contain' | 'cover' | 'fill';
  controls?: boolean;
  viewers?: string;
  overlay: boolean;
  overlayPosition?: string;
  figures?: string;
  wall?: boolean;
  tellShown?: boolean;
  passthru: boolean;
}

/** A frame on its way through the display, with what finishes its message. */
interface Item extends DisplayItem {
  msg: NodeMessage;
  done: (error?: Error) => void;
}

type Input = FrameMessage & { action?: unknown };

export = (RED: NodeAPI) => {
  function FrameDisplay(this: Node, config: FrameDisplayConfig) {
    RED.nodes.createNode(this, config);
    try {
      start(RED, this, config);
    } catch (error) {
      reportError(this, error, { status: 'cannot start' });
    }
  }
  RED.nodes.registerType('ui-frame-display', FrameDisplay);
  warnOfOpenSockets(RED);
};

function start(RED: NodeAPI, node: Node, config: FrameDisplayConfig): void {
  const send = takeOutput(node);
  const frames = new MessageFrameReader();
  const viewers = viewerMode(config.viewers);
  const overlayPosition = overlayCorner(config.overlayPosition);
  const rights = rightsOf({ controls: config.controls, viewers });
  let retained: ReturnType<typeof retainPool> | undefined;
  const display = new Display<Item>({
    mode: config.pacing,
    ...pacingOptions(config),
    stream: config.stream ?? '',
    wall: config.wall === true,
    tellShown: config.tellShown === true,
    clock: systemClock,
    onShow({ msg, done }) {
      if (config.passthru) send([msg]);
      done();
    },
    onDrop: ({ done }) => done(),
    onRefuse({ msg, done }, error) {
      if (error === undefined) done();
      else reportError(node, error, { status: 'picture too large', msg, done });
    },
    openDecoder({ onPicture, onError }) {
      retained ??= retainPool(RED);
      const { ffmpegPath } = settingsOf(RED);
      return new PictureDecoder({ pool: retained.pool, ffmpegPath, quality: defaultQuality, onPicture, onError });
    },
    onDecodingError: (error) => reportError(node, error, { status: 'cannot decode' }),
    onEvent(event) {
      if (event.event === 'starved') showStatus(node, 'waiting', 'no frames');
      send([null, { ...event } as NodeMessage]);
    },
    onReport(report) {
      // A problem's own status stays until the problem is gone.
      if (report.problem === undefined) showReport(node, report);
      channel.broadcast(report);
    },
  });
  const channel = new ViewerChannel({
    nodeId: node.id,
    viewers: display.viewers,
    report: () => display.report,
    clock: systemClock,
    onCommand: (action, value) => {
      if (!mayCommand(action, rights, config.wall === true)) return;
      ignoreMistakes(() => display.command(action, value, 'viewer'));
    },
    onFault: (error) => reportError(node, error, { status: 'viewer failed' }),
  });
  const flow = openSinkFlow(RED, node);
  const widget = placeOnDashboard();
  if (widget !== undefined) showReport(node, display.report);

  node.on('input', (msg: Input, _send, done) => {
    if (msg.action !== undefined) {
      if (attempt(() => display.command(msg.action, msg.payload, 'message'), msg, done)) done();
    } else if (msg.payload === undefined && isForDashboard(msg)) {
      if (widget === undefined) done();
      else widget.handle(msg, done);
    } else {
      const isFrame = attempt(() => play(msg, done), msg, done);
      if (!isFrame) display.noteProblem('Received a message that is not an image');
    }
  });

  node.on('close', (removed: boolean, done: () => void) => {
    flow.close();
    Promise.all([display.close().then(() => retained?.release()), channel.close(), widget?.close(removed)])
      .catch((error) => node.error(error))
      .finally(done);
  });

  function play(msg: Input, done: Item['done']): void {
    const { frame, data } = frames.read(msg.payload, msg.frame, typeof msg.topic === 'string' ? msg.topic : '');
    const tracked = flow.isTracked(msg);
    const [place, range] = [placeOf(msg), rangeOf(msg)];
    const seek = msg.kafka?.seek;
    display.push({ frame, data, bytes: data.length, tracked, place, range, seek, ...readerOf(msg), msg, done });
  }

  /** Runs what bad input may break; false when it did. */
  function attempt(action: () => void, msg?: NodeMessage, done?: (error?: Error) => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      reportError(node, error, {
        status: isImageMissing(error) ? 'not an image' : 'bad command',
        msg,
        done,
      });
      return false;
    }
  }

  /** What makes no sense in a viewer's command is the page's mistake, or its forger's: it is nothing to report to the flow. */
  function ignoreMistakes(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof VideoError)) throw error;
    }
  }

  /** A display that nobody can see still paces its flow, so a missing group is an error but no end. */
  function placeOnDashboard(): DashboardWidget | undefined {
    const { name, order, width, height, fit, controls, overlay, figures, wall } = config;
    const props = { name, order, width, height, fit, controls, viewers, overlay, overlayPosition, figures, wall };
    try {
      return registerWidget(RED, config, props, (socket, message) => channel.hello(socket, message));
    } catch (error) {
      reportError(node, error, { status: 'no group' });
      return undefined;
    }
  }
}

const isImageMissing = (error: unknown) => error instanceof VideoError && error.code === 'NOT_A_FRAME';
