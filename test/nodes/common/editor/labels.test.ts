import assert from 'node:assert/strict';
import { labelled } from '../../../../nodes/common/editor/labels';

describe("a node's label", () => {
  const { label, labelStyle } = labelled(({ topic }: { name?: string; topic: string }) => topic);

  it('is its name, in italics', () => {
    const node = { name: 'Front door', topic: 'video-frames' };
    assert.equal(label.call(node), 'Front door');
    assert.equal(labelStyle.call(node), 'node_label_italic');
  });

  it('falls back if it has no name', () => {
    const node = { name: '', topic: 'video-frames' };
    assert.equal(label.call(node), 'video-frames');
    assert.equal(labelStyle.call(node), '');
  });
});
