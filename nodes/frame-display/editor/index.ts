import { Dialog } from '../../common/editor/dialog';
import { labelled } from '../../common/editor/labels';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { displayRanges } from '../../common/ranges';

const type = 'ui-frame-display';
const text = textsOf(type);
const { named, number } = propertiesIn(text);

const figures = ['state', 'stream', 'time', 'frame', 'size', 'fps', 'dropped', 'latency'];

/** What flows saved before lack, and what that means. */
const newer = [
  ['maxDelay', ''],
  ['viewers', 'all'],
  ['overlayPosition', 'top-left'],
] as const;

RED.nodes.registerType(type, {
  category: RED._('@flowfuse/node-red-dashboard/ui-base:ui-base.label.category'),
  color: 'rgb(160, 230, 236)',
  icon: 'frame-display.svg',
  align: 'right',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    group: named('group', { type: 'ui-group', required: true }),
    order: { value: 0 },
    width: named('width', {
      value: 0,
      // Same as Dashboard's own widgets: errors are shown on the size button.
      validate(this: EditorNode, value: unknown) {
        const group = String($('#node-input-group').val() || this.group);
        const isValid = !RED.nodes.node(group) || Number(value || 0) >= 0;
        $('#node-input-size').toggleClass('input-error', !isValid);
        return isValid;
      },
    }),
    height: { value: 0 },
    pacing: { value: 'source' },
    interval: number('interval', 16, displayRanges.interval),
    speed: number('speed', 1, displayRanges.speed),
    maxDelay: number('maxDelay', 2000, displayRanges.maxDelay),
    stream: { value: '' },
    fit: { value: 'contain' },
    controls: { value: true },
    viewers: { value: 'all' },
    overlay: { value: false },
    overlayPosition: { value: 'top-left' },
    figures: { value: figures.join(',') },
    wall: { value: false },
    tellShown: { value: false },
    timeout: number('timeout', 20, displayRanges.timeout),
    passthru: { value: false },
  },
  paletteLabel: 'frame display',
  ...labelled((node: EditorNode) => String(node.stream || 'frame display')),
  outputLabels: (index) => text(index === 0 ? 'output.frames' : 'output.events'),
  oneditprepare() {
    const dialog = new Dialog();
    prepareSize(this, dialog);
    prepareTabs(type, text);
    const options = figures.map((figure) => ({ value: figure, label: text(`figure.${figure}`) }));
    dialog.field('figures').typedInput({ types: [{ value: 'figures', multiple: true, options }] });
    dialog.showWhen('.frame-display-row-figures', ['overlay'], () => dialog.isChecked('overlay'));
    dialog.showWhen('.frame-display-row-viewers', ['controls'], () => dialog.isChecked('controls'));
    fillIn(this, dialog);
    dialog.showWhen('.frame-display-row-speed', ['pacing'], () => dialog.value('pacing') !== 'live');
    dialog.showWhen('.frame-display-row-max-delay', ['pacing'], () => dialog.value('pacing') !== 'live');
    dialog.follow(['pacing'], () =>
      $('#frame-display-pacing-hint').text(text(`hint.${dialog.value('pacing') || 'source'}`)),
    );
  },
});

/** Gives a node what it lacks, as it means the default: otherwise a look at the dialog would be a change to deploy. */
function fillIn(node: EditorNode, dialog: Dialog): void {
  for (const [name, value] of newer) {
    if (node[name] !== undefined) continue;
    node[name] = value;
    dialog.field(name).val(value);
  }
}

/** Subflow templates have no group to size the widget in, so the size is entered in plain fields. */
function prepareSize(node: EditorNode, dialog: Dialog): void {
  const isInSubflow = Boolean(RED.nodes.subflow(node.z));
  if (isInSubflow) {
    for (const name of ['width', 'height']) dialog.field(name).attr('type', 'text');
  } else {
    dialog.field('size').elementSizer({
      width: '#node-input-width',
      height: '#node-input-height',
      group: '#node-input-group',
    });
  }
  $('.frame-display-row-in-group').toggle(!isInSubflow);
  $('.frame-display-row-in-subflow').toggle(isInSubflow);
}
