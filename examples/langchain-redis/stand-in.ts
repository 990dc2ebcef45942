import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, type BaseMessage } from '@langchain/core/messages'

/** Answers as a model would: asks for the tool that the question is about, then says what the tool said. */
export class StandIn extends BaseChatModel {
  calls = 0

  _llmType() {
    return 'stand-in'
  }

  override bindTools() {
    return this
  }

  async _generate(messages: BaseMessage[]) {
    this.calls++
    const last = messages.at(-1)
    const message = last?.getType() === 'tool' ? new AIMessage(`I looked: ${last.text}.`) : toolCall(last?.text ?? '')
    return { generations: [{ text: message.text, message }] }
  }
}

function toolCall(question: string): AIMessage {
  const [, id] = /order (\d+)/.exec(question) ?? []
  const [, wish] = /remember (.+)/.exec(question) ?? []
  const call = id
    ? { name: 'get_order', args: { id: Number(id) } }
    : wish
      ? { name: 'save_wish', args: { text: wish } }
      : { name: 'get_wishes', args: {} }
  return new AIMessage({ content: '', tool_calls: [{ ...call, id: `call_${question.length}` }] })
}
