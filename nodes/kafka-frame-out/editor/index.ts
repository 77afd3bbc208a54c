import { Dialog } from '../../common/editor/dialog';
import { labelled } from '../../common/editor/labels';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { frameOutRanges } from '../../common/ranges';

const type = 'kafka-frame-out';
const text = textsOf(type);
const { named, number } = propertiesIn(text);

RED.nodes.registerType(type, {
  category: 'kafka video',
  color: '#D8BFD8',
  icon: 'kafka-frame-out.svg',
  align: 'right',
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: '' },
    broker: named('broker', { value: '', type: 'kafka-frame-broker', required: true }),
    topic: named('topic', { value: 'video-frames', required: true }),
    topicType: { value: 'str' },
    key: { value: '' },
    keyType: { value: 'str' },
    acks: { value: '1' },
    idempotent: { value: false },
    compression: { value: 'none' },
    maxRecordBytes: number('maxRecordBytes', 1000000, frameOutRanges.maxRecordBytes),
    oversize: { value: 'shrink' },
    linger: number('linger', 0, frameOutRanges.linger),
    createTopic: { value: true },
    partitions: number('partitions', '', frameOutRanges.partitions),
    replication: number('replication', '', frameOutRanges.replication),
    retention: number('retention', '', frameOutRanges.retention),
  },
  paletteLabel: 'kafka frame out',
  ...labelled((node: EditorNode) => String((node.topicType === 'str' && node.topic) || 'kafka frame out')),
  inputLabels: () => text('port.frames'),
  outputLabels: (index) => text(index === 0 ? 'port.reports' : 'port.events'),
  oneditprepare() {
    const dialog = new Dialog();
    prepareTabs(type, text);
    dialog.typedInput('topic', { label: text('label.topicName'), autoComplete: dialog.topicSearch() });
    dialog.typedInput('key');
    // An idempotent producer requires acks=all.
    dialog.follow(['idempotent'], () => {
      const isIdempotent = dialog.isChecked('idempotent');
      if (isIdempotent) dialog.field('acks').val('all');
      dialog.field('acks').prop('disabled', isIdempotent);
    });
    dialog.showWhen('.kafka-frame-out-new-topic', ['createTopic'], () => dialog.isChecked('createTopic'));
  },
});
