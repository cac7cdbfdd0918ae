import { describe, expect, it } from 'vitest';
import { type ViewAction, type ViewNode, viewSlackMessage } from '../src/index.ts';

const reader = { now: new Date('2026-03-02T09:00:00Z'), zone: 'UTC' };
const plain = (text: string) => ({ type: 'plain_text', text });

function actionsIn(nodes: ViewNode[]): ViewAction[] {
  return nodes.flatMap((node) =>
    typeof node === 'string' ? [] : [...(node.action ? [node.action] : []), ...actionsIn(node.children)],
  );
}

const actionsOf = (...blocks: object[]) => actionsIn(viewSlackMessage({ blocks }, reader).content);
const actions = (...elements: object[]) => ({ type: 'actions', block_id: 'b', elements });

describe('what people can press in a message', () => {
  it('is a button or a menu, with what its service calls it', () => {
    const button = { type: 'button', action_id: 'ack', text: plain('Acknowledge'), value: 'g1' };
    const hour = { text: plain(':clock1: 1 hour'), value: '1h' };
    const day = { text: plain('1 day'), value: '1d' };
    expect(
      actionsOf(
        actions(button, { type: 'static_select', action_id: 'silence', options: [hour, day] }),
        actions({ type: 'static_select', action_id: 'x', option_groups: [{ label: plain('Long'), options: [day] }] }),
        {
          type: 'section',
          block_id: 's',
          text: plain('a'),
          accessory: { type: 'overflow', action_id: 'more', options: [day] },
        },
      ),
    ).toEqual([
      { id: 'ack', block: 'b', value: 'g1' },
      {
        id: 'silence',
        block: 'b',
        choices: [
          { label: expect.stringMatching(/ 1 hour$/), value: '1h' },
          { label: '1 day', value: '1d' },
        ],
      },
      { id: 'x', block: 'b', choices: [{ label: '1 day', value: '1d' }] },
      { id: 'more', block: 's', choices: [{ label: '1 day', value: '1d' }] },
    ]);
  });

  it('is found in attachments, and asks first where it is told to', () => {
    const confirm = {
      title: plain('Resolve?'),
      text: plain('For everybody'),
      confirm: plain('Yes'),
      deny: plain('No'),
    };
    const button = { type: 'button', action_id: 'resolve', text: plain('Resolve'), confirm };
    const { content } = viewSlackMessage({ attachments: [{ blocks: [actions(button)] }] }, reader);
    expect(actionsIn(content)).toEqual([{ id: 'resolve', block: 'b', confirm: 'Resolve?\nFor everybody' }]);
  });

  it('is nothing where there are no names, or where a choice is more than one option', () => {
    const button = { type: 'button', text: plain('Open'), url: 'https://a.example/' };
    expect(actionsOf(actions(button, { type: 'multi_static_select', action_id: 'many' }))).toEqual([]);
    expect(actionsOf({ type: 'actions', elements: [{ ...button, action_id: 'open' }] })).toEqual([]);
  });
});
