import assert from 'node:assert/strict';
import { Liveness, questionInterval } from '../../../../nodes/frame-display/ui/liveness';

describe('Liveness', () => {
  /** How many questions are asked until the node is given up, at most so many. */
  function questionsUntilGone(liveness: Liveness, most = 100): number {
    for (let asked = 1; asked <= most; asked += 1) if (!liveness.ask()) return asked;
    return most + 1;
  }

  function playing(): Liveness {
    const liveness = new Liveness();
    liveness.notePicture();
    return liveness;
  }

  it('gives a node up that is silent for about two seconds', () => {
    const liveness = playing();
    for (let beat = 0; beat < 100; beat += 1) {
      assert.ok(liveness.ask());
      liveness.noteTrip(20);
      liveness.noteAnswer();
    }
    const questions = questionsUntilGone(liveness);
    assert.ok(questions * questionInterval < 3300, `${questions} questions`);
  });

  it('takes it back when it answers', () => {
    const liveness = playing();
    questionsUntilGone(liveness);
    liveness.noteAnswer();
    assert.ok(liveness.ask());
  });

  it('waits longer on a line that takes seconds', () => {
    const liveness = playing();
    liveness.noteTrip(5000);
    liveness.noteAnswer();
    assert.ok(questionsUntilGone(liveness) * questionInterval > 10_000);
  });

  it('waits longer for the first picture, which shows how slow the line is', () => {
    const liveness = new Liveness();
    liveness.noteTrip(1);
    liveness.noteAnswer();
    assert.ok(questionsUntilGone(liveness) * questionInterval > 4000);
    liveness.notePicture();
    liveness.noteAnswer();
    assert.ok(questionsUntilGone(liveness) * questionInterval < 3300);
    liveness.reset();
    assert.ok(questionsUntilGone(liveness) * questionInterval > 4000);
  });
});
