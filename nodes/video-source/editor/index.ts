import { decodeRanges } from '../../../lib/ffmpeg/option-ranges';
import { readVariantName } from '../../../lib/ffmpeg/variant-name';
import { noteBlankCredentials } from '../../common/editor/credentials';
import { currentValue, Dialog } from '../../common/editor/dialog';
import { labelled } from '../../common/editor/labels';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { windowRanges } from '../../common/ranges';
import { button } from './button';
import { prepareCamera } from './camera';
import { faultIn, OptionsTable } from './input-options';
import { prepareLook } from './look';
import { clearDecoding, preparePictures } from './pictures';
import { shortName } from './short-name';

const type = 'video-source';
const text = textsOf(type);
const { checked, named, number } = propertiesIn(text);

const isBlankOrVariable = (value: string) => /^(\$\{[^}]+\})?$/.test(value);

/** Of the dialog that is open. */
let table: OptionsTable | undefined;

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
    fps: number('fps', '', decodeRanges.fps),
    width: number('width', '', decodeRanges.width),
    height: number('height', '', decodeRanges.height),
    quality: number('quality', 90, decodeRanges.quality),
    start: number('start', '', decodeRanges.start),
    end: number('end', '', (node) => ({ ...decodeRanges.end, above: Number(currentValue(node, 'start')) || 0 })),
    loop: { value: false },
    realtime: { value: false },
    autostart: { value: false },
    whenBusy: { value: 'replace' },
    pictures: { value: 'jpeg' },
    deinterlace: { value: 'auto' },
    squarePixels: { value: true },
    videoStream: number('videoStream', '', decodeRanges.videoStream),
    variant: checked(
      'variant',
      '',
      'variant',
      (value) => isBlankOrVariable(value) || readVariantName(value) !== undefined,
    ),
    hwaccel: checked('hwaccel', '', 'hwaccel', (value) => /^([a-z0-9_]*|\$\{[^}]+\})$/.test(value)),
    stallTimeout: number('stallTimeout', '', decodeRanges.stallTimeout),
    transport: { value: 'auto' },
    live: { value: false },
    follow: { value: false },
    every: number('every', '', decodeRanges.every),
    inputOptions: named('inputOptions', {
      value: [],
      validate(value, options) {
        const fault = faultIn(value);
        if (fault === undefined) return true;
        return options === undefined ? false : `${options.label}: ${fault}`;
      },
    }),
    maxFrames: number('maxFrames', 30, windowRanges.maxFrames),
    maxMegabytes: number('maxMegabytes', 64, windowRanges.maxMegabytes),
  },
  credentials: { user: { type: 'text' }, password: { type: 'password' } },
  paletteLabel: 'video source',
  ...labelled((node: EditorNode) => shortName(node) || 'video source'),
  inputLabels: () => text('port.control'),
  outputLabels: (index) => text(index === 0 ? 'port.frames' : 'port.events'),
  button,
  oneditprepare() {
    const dialog = new Dialog();
    noteBlankCredentials(this, { texts: ['user'], passwords: ['password'] });
    prepareTabs(type, text);
    // Flows saved before these properties existed.
    if (!this.whenBusy) dialog.field('whenBusy').val('replace');
    if (!this.deinterlace) dialog.field('deinterlace').val('auto');
    if (this.squarePixels === undefined) dialog.field('squarePixels').prop('checked', true);
    if (!this.transport) dialog.field('transport').val('auto');
    if (this.live === undefined) dialog.field('live').prop('checked', this.sourceType === 'camera');
    const path = { label: text('label.path'), icon: 'fa fa-file-video-o', hasValue: true };
    const camera = { value: 'camera', label: text('label.camera'), icon: 'fa fa-video-camera', hasValue: true };
    dialog.typedInput('source', path, [camera]);
    prepareCamera(dialog, text);
    if (!this.pictures) dialog.field('pictures').val('jpeg');
    preparePictures(dialog);
    table = new OptionsTable(text, Array.isArray(this.inputOptions) ? this.inputOptions : []);
    prepareLook(this, dialog, table);
  },
  oneditsave() {
    clearDecoding(new Dialog());
    const options = table?.options ?? [];
    // A node from before there were any is not changed by looking at it.
    if (options.length > 0 || this.inputOptions !== undefined) this.inputOptions = options;
    table = undefined;
  },
  oneditcancel() {
    table = undefined;
  },
});
