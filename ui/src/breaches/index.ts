export { AnswerDialog, type AnswerKind } from "./AnswerDialog.tsx";
export { acknowledgeBreach, dismissRemarks, useAnswers } from "./answers.ts";
export { inOrder } from "./order.ts";
export { placeOf } from "./place.ts";
