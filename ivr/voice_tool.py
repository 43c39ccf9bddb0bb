"""A program of its own that speaks pinyin into WAV files with espeak-ng 1.52 (GPL, so never imported by us).

Reads one JSON list from standard input, `[{"pinyin": "nin2 hao3", "rate": 190, "path": "x.wav"}, ...]`,
writes 16-bit mono files at the engine's own rate, and prints a JSON list of their lengths in seconds.
The library comes with the package espeakng-loader: espeak-ng 1.51 reads Mandarin as English letters.
"""

import array
import ctypes
import json
import sys
import wave

import espeakng_loader

VOICE = b"cmn-latn-pinyin"
RETRIEVAL, CHARS_UTF8 = 1, 1
RATE, VOLUME = 1, 2  # espeak_PARAMETER

Samples = ctypes.POINTER(ctypes.c_short)
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, Samples, ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Speak everything that standard input asks for."""
    library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(RETRIEVAL, 0, data, 0)
    if rate <= 0 or library.espeak_SetVoiceByName(VOICE) != 0:
        sys.exit("espeak-ng has no Mandarin voice")
    heard = array.array("h")

    def listen(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            heard.extend(samples[:count])
        return 0

    callback = _Callback(listen)  # kept in a name: the library does not keep it alive
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetParameter(VOLUME, 70, 0)  # at 100 it clips
    lengths = []
    for job in json.load(sys.stdin):
        del heard[:]
        library.espeak_SetParameter(RATE, int(job["rate"]), 0)
        text = job["pinyin"].encode()
        if library.espeak_Synth(text, len(text) + 1, 0, 1, 0, CHARS_UTF8, None, None) != 0:
            sys.exit("espeak-ng could not speak")
        library.espeak_Synchronize()
        _write(job["path"], heard, rate)
        lengths.append(len(heard) / rate)
    json.dump(lengths, sys.stdout)


def _write(path: str, samples: "array.array[int]", rate: int) -> None:
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
