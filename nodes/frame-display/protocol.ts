import type { ViewedFrame } from '../../lib/display/display-options';
import type { Picture } from '../../lib/display/picture';
import type { DisplayReport } from '../../lib/display/report';
import type { VideoCodec } from '../../lib/frame/frame';

/*
 * What the node and its widget say to each other, on the dashboard's own socket.
 *
 * The widget says hello as a `widget-change`, which Dashboard vets and hands to the node together with the socket.
 * From then on they talk directly, on events of their own.
 */

/** Node to widget: `(meta: PictureMeta, bytes)`: a whole image, or the packets that it takes to show the picture. */
export const pictureEvent = (nodeId: string) => `frame:${nodeId}`;
/** Node to widget: `(report: DisplayReport)`. */
export const reportEvent = (nodeId: string) => `frame-report:${nodeId}`;
/** Node to widget: `(ping, now)`: the time of the widget's question, and the time on the display's clock. */
export const clockEvent = (nodeId: string) => `frame-clock:${nodeId}`;
/** Widget to node: `(message: WidgetMessage)`. */
export const widgetEvent = (nodeId: string) => `frame-display:${nodeId}`;

export interface PictureMeta extends ViewedFrame, Omit<Picture<never>, 'meta' | 'data' | 'packet'> {}

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
  /** Compressed video that it can decode; none while that is not known yet. */
  decodes?: VideoCodec[];
}

export type WidgetMessage =
  | Presence
  /** Every picture of this screen up to this number was decoded or passed over. */
  | (FromViewer & { screen: number; decoded: number })
  /** What it was sent of this screen cannot be decoded: it goes on with the next key frame. */
  | (FromViewer & { screen: number; broken: true })
  /** What time is it there? `ping` is the widget's own time and comes back with the answer. */
  | (FromViewer & { ping: number })
  | (FromViewer & { action: string; value?: unknown })
  | (FromViewer & { bye: true });
