import { tryParseJson } from '../common/json.ts';
import type { Survey, SurveyOption } from '../contracts/conversation.ts';
import { asFlag, asId, asText, isRecord } from './schema.ts';

/** `exp` is the IM page's other spelling of `expression`. */
const TYPED_LISTS: Readonly<Record<string, readonly string[]>> = {
  text: ['text'],
  exp: ['expression', 'exp'],
  expression: ['expression', 'exp'],
  star: ['star'],
};

/**
 * Makes `survey_options` plain: the list that `show_type` names, else the legacy list on top.
 *
 *     {"enabled":true,"title":"How was it?","show_type":"text","text":{"options":[{"id":36,"text":"Good","remark_option":"optional"}]},
 *      "methods":[{"flag":"after_session","enabled":true}]}
 *     -> { enabled: true, title: 'How was it?', afterSession: true, options: [{ id: '36', text: 'Good', remark: 'optional' }] }
 *
 * Option ids are the tenant's own and never assumed. A text is parsed first; anything else is `undefined`.
 * Sources: reference section 9 (IM page, the vendor's two apps).
 */
export function readSurvey(raw: unknown): Survey | undefined {
  const survey = typeof raw === 'string' ? tryParseJson(raw) : raw;
  if (!isRecord(survey)) return undefined;
  const title = asText(survey.title) ?? asText(survey.name);
  const resolved = readResolved(survey);
  return {
    enabled: asFlag(survey.enabled) ?? false,
    ...(title === undefined ? {} : { title }),
    afterSession: records(survey.methods).some(
      (method) => method.flag === 'after_session' && asFlag(method.enabled) !== false,
    ),
    options: readOptions(survey),
    ...(resolved === undefined ? {} : { resolved }),
  };
}

function readOptions(survey: Record<string, unknown>): SurveyOption[] {
  const showType = asText(survey.show_type)?.toLowerCase() ?? '';
  const fallbackRemark = asFlag(survey.remark_enabled) === true ? 'optional' : 'hide';
  for (const key of TYPED_LISTS[showType] ?? []) {
    const typed = survey[key];
    const options = isRecord(typed) ? toOptions(typed.options, fallbackRemark, showType === 'star') : [];
    if (options.length > 0) return options;
  }
  return toOptions(survey.options, fallbackRemark, false);
}

function toOptions(raw: unknown, fallbackRemark: SurveyOption['remark'], stars: boolean): SurveyOption[] {
  const options: SurveyOption[] = [];
  records(raw).forEach((option, index) => {
    const id = asId(option.id);
    if (id === undefined || asFlag(option.enabled) === false) return;
    const place = String(index + 1);
    const text = asText(option.text) ?? asText(option.desc) ?? (stars ? '★'.repeat(Math.min(index + 1, 10)) : place);
    options.push({ id, text, remark: remarkOf(option.remark_option) ?? fallbackRemark });
  });
  return options;
}

function remarkOf(raw: unknown): SurveyOption['remark'] | undefined {
  return raw === 'hide' || raw === 'optional' || raw === 'required' ? raw : undefined;
}

/** The first option is sent as 0, the second as 1 (IM page, `resolved_state_v2`). */
function readResolved(survey: Record<string, unknown>): Survey['resolved'] {
  if (asFlag(survey.resolved_enabled) !== true || !isRecord(survey.resolved_options)) return undefined;
  const options: { value: number; text: string }[] = [];
  records(survey.resolved_options.options).forEach((option, value) => {
    const text = asText(option.option_name);
    if (text !== undefined && asFlag(option.option_select) !== false) options.push({ value, text });
  });
  if (options.length === 0) return undefined;
  return { title: asText(survey.resolved_options.title) ?? '', options };
}

const records = (raw: unknown): Record<string, unknown>[] => (Array.isArray(raw) ? raw.filter(isRecord) : []);
