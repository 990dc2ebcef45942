"""Sentence vectors of the three local models, one text at a time (int8 graphs scale over the batch).

    python3 scripts/calibration/vectors.py bge-en|minilm|bge-zh texts.json <folder>/vec

texts.json: { "en": [...], "zh": [...] }. Writes <folder>/vec-NAME.json and .npy; vectors already there are kept.
"""
import json,sys,os,numpy as np,onnxruntime as ort,time,gzip
from tokenizers import Tokenizer
M={'minilm':('all-MiniLM-L6-v2','mean','en'),'bge-en':('bge-small-en-v1.5','cls','en'),'bge-zh':('bge-small-zh-v1.5','cls','zh')}
name=sys.argv[1]; folder,pool,lang=M[name]
root=os.path.join(os.environ.get('REPRISE_MODELS','../shared/models'),'Xenova',folder)
tok=Tokenizer.from_file(root+'/tokenizer.json'); tok.no_padding(); tok.enable_truncation(512)
so=ort.SessionOptions(); so.intra_op_num_threads=1; so.inter_op_num_threads=1
s=ort.InferenceSession(root+'/onnx/model_quantized.onnx',so)
texts=[t for t in json.load(open(sys.argv[2]))[lang]]
out=f'{sys.argv[3]}-{name}'
have={}
if os.path.exists(out+'.json'):
    ot=json.load(open(out+'.json')); ov=np.load(out+'.npy'); have={t:ov[i] for i,t in enumerate(ot)}
def emb(t):
    x=t.lower() if lang=='zh' else t
    e=tok.encode(x); ids=np.array([e.ids],dtype=np.int64)
    h=s.run(None,{'input_ids':ids,'attention_mask':np.ones_like(ids),'token_type_ids':np.zeros_like(ids)})[0][0]
    v=h.mean(0) if pool=='mean' else h[0]
    return (v/np.linalg.norm(v)).astype(np.float32)
t0=time.time(); V=[];T=[]
for i,t in enumerate(texts):
    V.append(have[t] if t in have else emb(t)); T.append(t)
    if i%5000==4999: 
        print(name,i,time.time()-t0,flush=True); np.save(out+'.npy',np.array(V)); json.dump(T,open(out+'.json','w'))
np.save(out+'.npy',np.array(V)); json.dump(T,open(out+'.json','w')); print(name,'done',time.time()-t0)
