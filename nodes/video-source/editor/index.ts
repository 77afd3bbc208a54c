import { currentValue, Dialog } from '../../common/editor/dialog';
import { labelled } from '../../common/editor/labels';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { button } from './button';
import { prepareLook } from './look';
import { shortName } from './short-name';

const type = 'video-source';
const text = textsOf(type);
const { checked, named, number } = propertiesIn(text);

const pixels = { min: 1, max: 65_500, whole: true, blank: true };

RED.nodes.registerType(type, {
  category: 'kafka video',
  color: '#9FC5E8',
  icon: 'video-source.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    source: named('source', { value: '', required: true, validate: RED.validators.typedInput('sourceType') }),
    sourceType: { value: 'str' },
    stream: { value: '' },
    fps: number('fps', '', { above: 0, max: 1000, blank: true }),
    width: number('width', '', pixels),
    height: number('height', '', pixels),
    quality: number('quality', 90, { min: 1, max: 100, blank: true }),
    start: number('start', '', { min: 0, blank: true }),
    end: number('end', '', (node) => ({ above: Number(currentValue(node, 'start')) || 0, blank: true })),
    loop: { value: false },
    realtime: { value: false },
    autostart: { value: false },
    whenBusy: { value: 'replace' },
    deinterlace: { value: 'auto' },
    videoStream: number('videoStream', '', { min: 0, whole: true, blank: true }),
    hwaccel: checked('hwaccel', '', 'hwaccel', (value) => /^([a-z0-9_]*|\$\{[^}]+\})$/.test(value)),
    stallTimeout: number('stallTimeout', '', { above: 0, max: 86_400, blank: true }),
    maxFrames: number('maxFrames', 30, { min: 1, whole: true, blank: true }),
    maxMegabytes: number('maxMegabytes', 64, { above: 0, blank: true }),
  },
  paletteLabel: 'video source',
  ...labelled((node: EditorNode) => shortName(node) || 'video source'),
  inputLabels: () => text('port.control'),
  outputLabels: (index) => text(index === 0 ? 'port.frames' : 'port.events'),
  button,
  oneditprepare() {
    const dialog = new Dialog();
    prepareTabs(type, text);
    // Flows saved before these properties existed.
    if (!this.whenBusy) dialog.field('whenBusy').val('replace');
    if (!this.deinterlace) dialog.field('deinterlace').val('auto');
    dialog.typedInput('source', { label: text('label.path'), icon: 'fa fa-file-video-o', hasValue: true });
    prepareLook(this, dialog);
  },
});
