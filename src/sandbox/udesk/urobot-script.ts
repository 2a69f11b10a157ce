/** What the demo's urobot knows. Small, but it shows every kind of answer a bridge has to turn into text. */
export interface Topic {
  id: number;
  question: string;
  /** Lower-case; one of them inside the customer's text is a hit. */
  keywords: string[];
  answer: string;
  suggestions?: number[];
  flowId?: number;
}

export interface FlowStep {
  id: number;
  title: string;
  /** HTML with clickable items; `answer` steps have none. */
  html: string;
}

export const GREETING = 'Hello, I am the shop robot.';
export const LEADING = 'You may ask about:';
export const UNKNOWN = 'Sorry, I have not learned that yet. Could you say it in other words?';
export const FORBIDDEN = 'I cannot talk about that.';

export const TOPICS: readonly Topic[] = [
  {
    id: 2122,
    question: 'How long does delivery take?',
    keywords: ['delivery', 'shipping', '多久', '发货', 'ส่ง'],
    answer: '<p>Delivery takes <b>2 to 4</b> working days.</p>',
    suggestions: [3222, 434],
  },
  {
    id: 3222,
    question: 'Which carriers do you use?',
    keywords: ['carrier', 'courier', '快递'],
    answer: '<p>Evri and Royal Mail.<br/>See <a href="https://shop.invalid/carriers">our carriers</a>.</p>',
  },
  {
    id: 434,
    question: 'What does delivery cost?',
    keywords: ['delivery cost', 'shipping fee', '运费'],
    answer: '<p>Free over £30.</p>',
  },
  {
    id: 307,
    question: 'What is the return address?',
    keywords: ['return address', '退货地址'],
    answer: '<p>Returns Dept, 4 Mill Lane, Leeds LS1 4AB</p>',
  },
  {
    id: 512,
    question: 'How do I return something?',
    keywords: ['return', 'refund', '退货', '退款', 'คืน'],
    answer: '',
    flowId: 80,
  },
];

const item = (type: 1 | 2, id: number, text: string, tag = 'b'): string =>
  `<${tag} class="flow-item" data-type="${type}" data-id="${id}" data-robotid="54">${text}</${tag}>`;

export const FLOWS: readonly FlowStep[] = [
  {
    id: 80,
    title: 'Returns',
    html: `<p>What is it about?</p><p>${item(2, 81, 'It arrived damaged')}</p><p>${item(2, 82, 'It does not fit', 'span')}</p><p>${item(1, 307, 'What is the return address?')}</p>`,
  },
  { id: 81, title: 'Damaged', html: '<p>We are sorry. Please send a picture, a person will look at it.</p>' },
  {
    id: 82,
    title: 'Wrong size',
    html: `<p>You may exchange within 30 days.</p><p>${item(2, 80, 'Back')} or ${item(2, 81, 'It is also damaged', 'span')}</p>`,
  },
];

export const HUMAN_WORDS = ['human', 'agent', 'person', '人工', '客服', 'คน'];
export const HELLO_WORDS = ['hello', 'hi', '你好', 'สวัสดี'];

/** Both markups that mean "take me to an agent" in the vendor's clients. */
export const GO_CHAT = {
  link: '<p>I can call a colleague: <a href="javascript:;" data-message-type="2">talk to a person</a></p>',
  button: '<p>Shall I call a colleague? <span data-udesk-go-chat="true">Yes, please</span></p>',
};
