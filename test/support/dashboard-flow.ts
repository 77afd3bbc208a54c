import type { Flows } from './node-red';

export interface DashboardOptions {
  theme?: 'light' | 'dark';
  /** Columns of the group. */
  groupWidth?: number;
}

/** The config nodes of a dashboard with one page and one group, `group`, at /dashboard/page. */
export function dashboard({ theme = 'light', groupWidth = 6 }: DashboardOptions = {}): Flows {
  const colors =
    theme === 'light'
      ? { surface: '#ffffff', primary: '#0094CE', bgPage: '#eeeeee', groupBg: '#ffffff', groupOutline: '#cccccc' }
      : { surface: '#18191b', primary: '#0d74ce', bgPage: '#111113', groupBg: '#212225', groupOutline: '#363a3f' };
  const sizes = {
    ...{ density: 'default', pagePadding: '12px', groupGap: '12px' },
    ...{ groupBorderRadius: '4px', widgetGap: '12px' },
  };
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'base', type: 'ui-base', name: 'Dashboard', path: '/dashboard', includeClientData: true },
    { id: 'theme', type: 'ui-theme', name: theme, colors, sizes },
    {
      ...{ id: 'page', type: 'ui-page', name: 'Page', ui: 'base', path: '/page', icon: 'home', layout: 'grid' },
      ...{ theme: 'theme', order: 1, className: '', visible: true, disabled: false },
    },
    {
      ...{ id: 'group', type: 'ui-group', name: 'Video', page: 'page', width: `${groupWidth}`, height: '1', order: 1 },
      ...{ showTitle: true, className: '', visible: true, disabled: false },
    },
  ];
}

/** A display with all defaults, in that group. */
export function display(more: object = {}): Flows[number] {
  return {
    ...{ id: 'display', type: 'ui-frame-display', z: 'tab', x: 300, y: 100, wires: [['shown'], ['events']] },
    ...{ name: '', group: 'group', order: 1, width: 0, height: 0 },
    ...{ pacing: 'source', interval: 16, speed: 1, stream: '', fit: 'contain', controls: true, overlay: false },
    ...{ timeout: 20, passthru: false },
    ...more,
  };
}

/** A source of numbered frames wired to the display; see nodes/test-frame-source.js. */
export function frameSource(more: object = {}): Flows[number] {
  return {
    ...{ id: 'source', type: 'test-frame-source', z: 'tab', x: 100, y: 100, wires: [['display']] },
    ...more,
  };
}

/** Probes on both of the display's outputs: `shown` and `events`. */
export function probes(): Flows {
  return ['shown', 'events'].map((id) => ({ id, type: 'test-probe', z: 'tab', x: 500, y: 100, wires: [] }));
}
