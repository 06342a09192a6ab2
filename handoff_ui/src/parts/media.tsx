import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { isNamedBy } from '../content/files';
import { spelled } from '../content/reading';
import { useApp, useCaseFiles } from '../context';
import { useBlob } from '../hooks/use-blob';
import type { Attachment } from '../trust/package';
import { bytesWords } from '../words/item';
import { Alarm } from './alarm';
import { Button } from './button';
import { Quote, Seen } from './quote';

/** What a browser shows as a picture without running anything in it. SVG is not among them. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

const INLINE_PICTURE = /^data:image\/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/]+=*$/;

/** A field of kind image or pdf: the name of an attachment, or the picture itself. Anything else stays text; nothing is loaded from elsewhere. */
export function Media({ value }: { value: string }): JSX.Element {
  const { attachments } = useCaseFiles();
  const attachment = attachments.find((found) => isNamedBy(found, value));
  if (attachment !== undefined) return <File attachment={attachment} />;
  if (INLINE_PICTURE.test(value)) return <img class="file__picture" src={value} alt="Picture" />;
  return (
    <>
      <Quote text={value} />
      <p class="nothing">Files from other places are not loaded. The workflow can attach the file instead.</p>
    </>
  );
}

/** An attachment: pictures are shown, everything else can be saved; both only after the hash was checked. */
export function File({ attachment }: { attachment: Attachment }): JSX.Element {
  const { client } = useApp();
  const { handoffId } = useCaseFiles();
  const isPicture = PICTURES.has(attachment.media_type);
  const [wanted, setWanted] = useState(isPicture);
  const { blob, again } = useBlob(client, handoffId, attachment.sha256, wanted);
  const [url, setUrl] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (blob.status !== 'ready') return;
    const type = isPicture ? attachment.media_type : 'application/octet-stream';
    const made = URL.createObjectURL(new Blob([blob.bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob, isPicture, attachment.media_type]);

  if (blob.status === 'mismatch') return <Alarm title={`“${attachment.name}” is not the file that was signed`} />;
  return (
    <figure class="file">
      {isPicture && url !== null && (
        <img class="file__picture" src={url} alt={`Attached picture: ${spelled(attachment.name)}`} />
      )}
      <figcaption class="file__caption">
        <span class="file__name">
          <Seen text={attachment.name} />
        </span>
        <span class="file__facts">
          {kindWords(attachment.media_type)}, {bytesWords(attachment.size_bytes)}
        </span>
        {blob.status === 'unreachable' && <Button onPress={again}>Could not be loaded. Try again</Button>}
        {!wanted && <Button onPress={() => setWanted(true)}>Load</Button>}
        {wanted && blob.status === 'waiting' && <span role="status">Loading…</span>}
        {url !== null && !isPicture && (
          <a class="button button--plain" href={url} download={attachment.name}>
            Save the file
          </a>
        )}
      </figcaption>
    </figure>
  );
}

function kindWords(mediaType: string): string {
  if (mediaType === 'application/pdf') return 'PDF';
  if (mediaType.startsWith('image/')) return `${mediaType.slice('image/'.length).toUpperCase()} picture`;
  return mediaType;
}
