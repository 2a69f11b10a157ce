import { comparable } from '../common/text.ts';
import type { OpenSurvey, Survey, SurveyOption } from '../contracts/conversation.ts';
import { sayText } from './say.ts';
import type { TurnScope } from './turn-scope.ts';
import { numberOf } from './words.ts';

/** Longest remark that Udesk's own client sends. */
const REMARK_LIMIT = 255;

/** Asks once per agent session, in the buyer's language; the window's timer makes a later "5" a message again. True when it asked. */
export function askSurvey(scope: TurnScope, sessionId: string, survey: Survey | undefined): boolean {
  const { draft } = scope;
  const { desk } = draft.conversation;
  if (survey === undefined || !survey.enabled || survey.options.length === 0 || !draft.settings.survey.enabled)
    return false;
  if (desk.openSurvey !== undefined || draft.conversation.bot.surveyed === sessionId) return false;
  draft.conversation.bot.surveyed = sessionId;
  desk.openSurvey = { sessionId, options: survey.options, askedAt: draft.now };
  draft.setTimer('survey.window', draft.settings.budgets.surveyMs);
  const options = survey.options.map((option, place) => `${place + 1}. ${option.text}`).join('\n');
  sayText(scope, 'survey.ask', { title: survey.title ?? '', options });
  draft.note('survey.asked', `session ${sessionId}`);
  return true;
}

/** Is this text the answer to the open survey? Then it is rated and true comes back; any other text cancels the survey and is a message. */
export function readSurveyAnswer(scope: TurnScope, text: string | null): boolean {
  const { draft } = scope;
  const open = draft.conversation.desk.openSurvey;
  if (open === undefined) return false;
  if (text !== null) {
    const chosen = open.options.find((option) => option.id === open.chosen);
    if (chosen !== undefined) {
      rate(scope, open, chosen, [...text.trim()].slice(0, REMARK_LIMIT).join(''));
      return true;
    }
    const option = pick(open, text);
    if (option !== undefined) {
      if (option.remark === 'required') {
        open.chosen = option.id;
        draft.setTimer('survey.window', draft.settings.budgets.surveyMs);
        sayText(scope, 'survey.remark');
      } else rate(scope, open, option);
      return true;
    }
  }
  endSurvey(scope, 'other words came instead');
  return false;
}

export function endSurvey(scope: TurnScope, why: string): void {
  const { desk } = scope.draft.conversation;
  if (desk.openSurvey === undefined) return;
  desk.openSurvey = undefined;
  scope.draft.cancelTimers('survey.window');
  scope.draft.note('survey.ended', why);
}

function rate(scope: TurnScope, open: OpenSurvey, option: SurveyOption, remark?: string): void {
  const { draft } = scope;
  draft.ask(
    { kind: 'desk.rate', sessionId: open.sessionId, optionId: option.id, remark },
    { side: 'desk', origin: 'buyer' },
  );
  draft.note('survey.answered', `session ${open.sessionId}: ${option.text}`);
  draft.conversation.desk.openSurvey = undefined;
  draft.cancelTimers('survey.window');
  sayText(scope, 'survey.thanks');
}

function pick(open: OpenSurvey, text: string): SurveyOption | undefined {
  const number = numberOf(text);
  if (number !== null) return open.options[number - 1];
  const wanted = comparable(text).toLowerCase();
  return open.options.find((option) => comparable(option.text).toLowerCase() === wanted);
}
