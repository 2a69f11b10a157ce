import type { UdeskBehaviour } from './options.ts';

interface Option {
  id: number;
  text: string;
  enabled: boolean;
  desc?: string;
  tags: string;
  remark_option: 'hide' | 'required' | 'optional';
}

/** Ids belong to the list in force: an id of another list is refused, as the seed says. */
const LISTS: Record<UdeskBehaviour['surveyShowType'], Option[]> = {
  text: [
    { id: 36, text: 'Very satisfied', desc: 'A', enabled: true, tags: 'fast,kind', remark_option: 'optional' },
    { id: 37, text: 'Satisfied', desc: 'B', enabled: true, tags: 'fast', remark_option: 'optional' },
    { id: 38, text: 'Average', desc: 'C', enabled: true, tags: '', remark_option: 'hide' },
    { id: 39, text: 'Unsatisfied', desc: 'D', enabled: true, tags: 'slow,rude', remark_option: 'required' },
    { id: 40, text: 'Very unsatisfied', desc: 'E', enabled: false, tags: '', remark_option: 'required' },
  ],
  expression: [
    { id: 141, text: 'Satisfied', enabled: true, tags: 'fast,kind', remark_option: 'optional' },
    { id: 142, text: 'Average', enabled: true, tags: '', remark_option: 'hide' },
    { id: 143, text: 'Unsatisfied', enabled: true, tags: 'slow', remark_option: 'required' },
  ],
  star: [1, 2, 3, 4, 5].map((stars) => ({
    id: 150 + stars,
    text: `${stars} star${stars === 1 ? '' : 's'}`,
    enabled: true,
    tags: '',
    remark_option: 'optional',
  })),
};

const LEGACY = LISTS.text.map(({ id, text, enabled }) => ({ id, text, enabled }));

/** `survey_options` of assign_info and of the close event (reference section 9). */
export function surveyOptions(behaviour: UdeskBehaviour): Record<string, unknown> {
  const shown = behaviour.surveyShowType;
  const options = LISTS[shown];
  return {
    enabled: behaviour.surveyEnabled,
    name: 'Satisfaction survey',
    title: 'How was this service?',
    desc: 'Thank you. Please rate this service by its letter.',
    remark_enabled: true,
    remark: 'Anything you would like to add?',
    show_type: shown,
    [shown]: { default_option_id: options[0]?.id ?? null, options },
    options: LEGACY,
    methods: [
      { id: 7, flag: 'after_session', text: 'After the session', enabled: behaviour.surveyAfterSession },
      { id: 74, flag: 'agent_invite', text: 'The agent invites', enabled: true },
      { id: 1485, flag: 'customer_invite', text: 'The customer starts (web and apps only)', enabled: true },
    ],
    resolved_enabled: true,
    resolved_options: {
      title: 'Has your problem been solved?',
      options: [
        { option_select: true, option_name: 'Solved' },
        { option_select: true, option_name: 'Not solved' },
      ],
      value: '0',
    },
  };
}

export const isSurveyOption = (behaviour: UdeskBehaviour, id: number): boolean =>
  LISTS[behaviour.surveyShowType].some((option) => option.id === id && option.enabled);
