import { describe, expect, it } from 'vitest';
import { readSurvey } from '../../../src/udesk/survey.ts';

const legacy = [
  { id: 36, text: 'Super', enabled: true },
  { id: 37, text: 'Off', enabled: false },
];

describe('readSurvey', () => {
  it.each(['text', 'expression', 'exp', 'star'])('reads the list that show_type %s names', (showType) => {
    const key = showType === 'exp' ? 'expression' : showType;
    const survey = readSurvey({
      enabled: true,
      title: 'How was it?',
      show_type: showType,
      [key]: {
        default_option_id: 41,
        options: [
          { id: 41, text: 'Good', tags: 'a,b', remark_option: 'required' },
          { id: '42', text: 'Bad', enabled: false },
          { id: 43, text: 'Meh', remark_option: 'hide' },
        ],
      },
      options: legacy,
    });
    expect(survey).toEqual({
      enabled: true,
      title: 'How was it?',
      afterSession: false,
      options: [
        { id: '41', text: 'Good', remark: 'required' },
        { id: '43', text: 'Meh', remark: 'hide' },
      ],
    });
  });

  it('falls back to the legacy list and the general remark switch', () => {
    const survey = readSurvey({ enabled: 1, name: 'Rate', remark_enabled: true, show_type: 'star', options: legacy });
    expect(survey).toMatchObject({
      enabled: true,
      title: 'Rate',
      options: [{ id: '36', text: 'Super', remark: 'optional' }],
    });
  });

  it('gives stars without words a text', () => {
    const survey = readSurvey({ enabled: true, show_type: 'star', star: { options: [{ id: 1 }, { id: 2 }] } });
    expect(survey?.options.map((option) => option.text)).toEqual(['★', '★★']);
  });

  it('asks after the session only when that method is on', () => {
    const method = (flag: string, enabled?: boolean) =>
      readSurvey({ enabled: true, methods: [{ id: 7, flag, enabled }] });
    expect(method('after_session', true)?.afterSession).toBe(true);
    expect(method('after_session')?.afterSession).toBe(true);
    expect(method('after_session', false)?.afterSession).toBe(false);
    expect(method('agent_invite', true)?.afterSession).toBe(false);
    expect(readSurvey({ enabled: true })?.afterSession).toBe(false);
  });

  it('numbers the resolved question from zero', () => {
    const survey = readSurvey({
      enabled: true,
      resolved_enabled: true,
      resolved_options: {
        title: 'Solved?',
        options: [
          { option_select: true, option_name: 'Yes' },
          { option_select: true, option_name: 'No' },
        ],
        value: '0',
      },
    });
    expect(survey?.resolved).toEqual({
      title: 'Solved?',
      options: [
        { value: 0, text: 'Yes' },
        { value: 1, text: 'No' },
      ],
    });
  });

  it('parses a text and ignores what is no survey', () => {
    expect(readSurvey('{"enabled":true,"options":[{"id":36,"text":"Good"}]}')?.options).toHaveLength(1);
    for (const raw of ['see elsewhere', '', null, undefined, 5, [], true]) expect(readSurvey(raw)).toBeUndefined();
  });
});
