import { currentValue, Dialog } from '../../common/editor/dialog';
import { labelled } from '../../common/editor/labels';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { frameInRanges, windowRanges } from '../../common/ranges';

const type = 'kafka-frame-in';
const text = textsOf(type);
const { checked, named, number } = propertiesIn(text);

const isVariable = (value: string) => /^\$\{\S+\}$/.test(value);

RED.nodes.registerType(type, {
  category: 'kafka video',
  color: '#D8BFD8',
  icon: 'kafka-frame-in.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    broker: named('broker', { value: '', type: 'kafka-frame-broker', required: true }),
    topic: named('topic', { value: 'video-frames', required: true }),
    group: { value: '' },
    from: { value: 'resume' },
    fromTime: checked('fromTime', '', 'fromTime', (value, node) => {
      return currentValue(node, 'from') !== 'time' || isVariable(value) || !Number.isNaN(Date.parse(value));
    }),
    fromOffset: checked('fromOffset', '', 'fromOffset', (value, node) => {
      return currentValue(node, 'from') !== 'offset' || isVariable(value) || /^\d+$/.test(value);
    }),
    stream: { value: '' },
    pictures: { value: 'source' },
    commit: { value: 'auto' },
    commitInterval: number('commitInterval', 5000, frameInRanges.commitInterval),
    maxDelay: number('maxDelay', '', frameInRanges.maxDelay),
    keepUp: number('keepUp', '', frameInRanges.keepUp),
    maxFrames: number('maxFrames', 30, windowRanges.maxFrames),
    maxMegabytes: number('maxMegabytes', 64, windowRanges.maxMegabytes),
  },
  paletteLabel: 'kafka frame in',
  ...labelled((node: EditorNode) => String(node.topic || 'kafka frame in')),
  inputLabels: () => text('port.commands'),
  outputLabels: (index) => text(index === 0 ? 'port.frames' : 'port.events'),
  oneditprepare() {
    const dialog = new Dialog();
    prepareTabs(type, text);
    // Flows from before lack it.
    if (!this.pictures) dialog.field('pictures').val('source');
    dialog.showWhen('.kafka-frame-in-time', ['from'], () => dialog.value('from') === 'time');
    dialog.showWhen('.kafka-frame-in-offset', ['from'], () => dialog.value('from') === 'offset');
    // Only flows that were saved with it have it.
    const hasKeepUp = dialog.value('keepUp') !== '';
    dialog.showWhen('.kafka-frame-in-keep-up', [], () => hasKeepUp);
    dialog.showWhen('.kafka-frame-in-interval', ['commit'], () => dialog.value('commit') === 'auto');
    dialog.field('topic').autoComplete({ search: dialog.topicSearch() });
  },
});
