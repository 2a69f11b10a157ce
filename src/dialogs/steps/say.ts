import { z } from 'zod';
import { templateSchema, textSchema } from '../schema-parts.ts';
import { defineStep, NEXT } from '../step-contract.ts';

/** Says a text, and shows a picture, a product card or an order card behind it. */
export const sayStep = defineStep({
  kind: 'say',
  schema: ({ step }) =>
    step({
      say: textSchema,
      image: templateSchema.describe('Address of a picture').optional(),
      product: templateSchema.describe('Id of a product to show as a card').optional(),
      order: templateSchema.describe('Id of an order to show as a card').optional(),
    }),
  compile(step, compiler) {
    const text = compiler.text(step.say, ['say']);
    const image = step.image === undefined ? undefined : compiler.template(step.image, ['image']);
    if (
      step.image !== undefined &&
      image?.reads.length === 0 &&
      !z.url({ protocol: /^https?$/ }).safeParse(step.image).success
    )
      compiler.problem(['image'], 'write the whole address of the picture, such as https://cdn.example.com/chart.png');
    const product = step.product === undefined ? undefined : compiler.template(step.product, ['product']);
    const order = step.order === undefined ? undefined : compiler.template(step.order, ['order']);
    return {
      async run(turn) {
        await turn.say(turn.renderText(text));
        const url = image === undefined ? '' : turn.render(image).trim();
        if (url !== '') await turn.show({ type: 'image', url });
        const productId = product === undefined ? '' : turn.render(product).trim();
        if (productId !== '') await turn.show({ type: 'product', productId });
        const orderId = order === undefined ? '' : turn.render(order).trim();
        if (orderId !== '') await turn.show({ type: 'order', orderId });
        return NEXT;
      },
    };
  },
});
