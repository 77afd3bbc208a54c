import type { ViewedFrame } from '../../lib/display/display-options';
import type { DisplayReport } from '../../lib/display/report';

/*
 * What the node and its widget say to each other, on the dashboard's own socket.
 *
 * The widget says hello as a `widget-change`, which Dashboard vets and hands to the node together with the socket.
 * From then on they talk directly, on events of their own.
 */

/** Node to widget: `(meta: PictureMeta, image: bytes)`. */
export const pictureEvent = (nodeId: string) => `frame:${nodeId}`;
/** Node to widget: `(report: DisplayReport)`. */
export const reportEvent = (nodeId: string) => `frame-report:${nodeId}`;
/** Node to widget: `(ping, now)`: the time of the widget's question, and the time on the display's clock. */
export const clockEvent = (nodeId: string) => `frame-clock:${nodeId}`;
/** Widget to node: `(message: WidgetMessage)`. */
export const widgetEvent = (nodeId: string) => `frame-display:${nodeId}`;

export interface PictureMeta extends ViewedFrame {
  /** Which of the display's screens it is for. */
  screen: number;
  /** Counts the frames this screen has shown; the widget acknowledges it. */
  number: number;
  /** Frames until then that should have been on this screen, and were not. */
  missed?: number;
  /** When the node sent it on its way, in ms on the display's clock. */
  shown: number;
  /** When it should be seen, on that clock; none for as soon as possible. */
  due?: number;
}

export type Report = DisplayReport;

/** One mounted widget; a page that comes back is a new viewer. */
interface FromViewer {
  viewer: string;
}

/** Said on mounting, when it changes, and every few seconds as a sign of life. */
export interface Presence extends FromViewer {
  visible: boolean;
  /** The only screen looked at; none for all. */
  screen?: number;
}

export type WidgetMessage =
  | Presence
  /** Every picture of this screen up to this number was decoded or passed over. */
  | (FromViewer & { screen: number; decoded: number })
  /** What time is it there? `ping` is the widget's own time and comes back with the answer. */
  | (FromViewer & { ping: number })
  | (FromViewer & { action: string; value?: unknown })
  | (FromViewer & { bye: true });
