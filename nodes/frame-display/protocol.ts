import type { Frame } from '../../lib/frame/frame';
import type { DisplayReport } from '../../lib/viewers/display';

/*
 * What the node and its widget say to each other, on the dashboard's own socket.
 *
 * The widget says hello as a `widget-change`, which Dashboard vets and hands to the node together with the socket.
 * From then on they talk directly, on events of their own: Dashboard copies every `widget-change` of a node to all
 * its ui-base nodes, and where there are several, the others send it out of the node as if it were a value.
 */

/** Node to widget: `(meta: PictureMeta, image: bytes)`. */
export const pictureEvent = (nodeId: string) => `frame:${nodeId}`;
/** Node to widget: `(report: DisplayReport)`. */
export const reportEvent = (nodeId: string) => `frame-report:${nodeId}`;
/** Widget to node: `(message: WidgetMessage)`. */
export const widgetEvent = (nodeId: string) => `frame-display:${nodeId}`;

export interface PictureMeta extends Frame {
  /** Counts the frames this display has shown; the widget acknowledges it. */
  number: number;
}

export type Report = DisplayReport;

/** One mounted widget; a page that comes back is a new viewer. */
interface FromViewer {
  viewer: string;
}

/** Said on mounting, when visibility changes, and every few seconds as a sign of life. */
export interface Presence extends FromViewer {
  visible: boolean;
}

export type WidgetMessage =
  | Presence
  /** Every frame up to this number was painted or passed over. */
  | (FromViewer & { painted: number })
  | (FromViewer & { action: string; value?: unknown })
  | (FromViewer & { bye: true });
