"""The schemas of ``kiosk.yaml`` and ``ticket.yaml``, in the kinds of ``menu.schema``."""

from __future__ import annotations

from kiosk.domain.config import SERVER_KINDS, TEXT_FIELDS
from menu.schema import (
    VERSION,
    Blocks,
    Choice,
    Field,
    Flag,
    Local,
    Many,
    PlainText,
    Real,
    Size,
    Table,
    Whole,
)

KIOSK = Table(
    (
        VERSION,
        Field("id", PlainText(40, rule="code"), "Nama mesin, tercetak di tiket.", required=True),
        Field("kiosks", Whole(1, 99), "Jumlah mesin di gedung."),
        Field("letter", PlainText(rule="letter"), "Huruf mesin ini di dalam nomor."),
        Field(
            "screen",
            Table(
                (
                    Field("diagonal_inch", Real(5, 120), "Ukuran layar dalam inci."),
                    Field("resolution_px", Size(), "Lebar dan tinggi layar dalam piksel."),
                    Field("lower_edge_mm", Real(0, 2500), "Tinggi tepi bawah layar dari lantai."),
                )
            ),
            "Layar sentuh.",
        ),
        Field(
            "printer",
            Table(
                (
                    Field("connection", PlainText(rule="connection"), "Sambungan printer."),
                    Field("paper_mm", Whole(only=(80, 58)), "Lebar kertas."),
                    Field("level", Choice(("auto", "A", "B", "C", "D")), "Kemampuan printer."),
                    Field("on_fault", Choice(("screen", "stop")), "Bila printer rusak."),
                    Field("deadline_s", Real(1, 60), "Batas waktu satu tiket, detik."),
                    Field("connect_s", Real(0.1, 30), "Batas waktu menyambung, detik."),
                    Field(
                        "mouth",
                        PlainText(20, rule="mouth"),
                        "Cara printer tahu tiket masih di mulutnya.",
                    ),
                    Field("mouth_s", Real(5, 3600), "Lama tiket boleh tergantung, detik."),
                    Field("mouth_then", Choice(("retract", "eject")), "Sesudah itu: tarik, buang."),
                    Field("code_page", PlainText(20, rule="code_page"), "Tabel huruf printer."),
                    Field("page_mode", Choice(("auto", "always", "never")), "Mode halaman."),
                    Field("small_font", Choice(("B", "A")), "Huruf teks biasa di tiket."),
                )
            ),
            "Printer tiket.",
        ),
        Field(
            "server",
            Table(
                (
                    Field("url", PlainText(rule="url"), "Alamat server antrean.", required=True),
                    Field("kind", Choice(SERVER_KINDS), "Jenis server antrean."),
                    Field("unit", Whole(1, 999_999), "Nomor unit (unidade) di Novo SGA."),
                    Field("token_file", PlainText(rule="file"), "Berkas token, di folder config."),
                    Field(
                        "ca_file", PlainText(rule="file"), "Berkas sertifikat, di folder config."
                    ),
                    Field("deadline_s", Real(0.1, 10), "Batas waktu jawaban, detik."),
                )
            ),
            "Server antrean pusat.",
        ),
        Field(
            "timeouts",
            Table(
                (
                    Field("idle_s", Real(5, 3600), "Tanpa sentuhan sampai peringatan."),
                    Field("warning_s", Real(5, 600), "Lama peringatan."),
                    Field("number_s", Real(3, 600), "Lama nomor tampil sesudah tercetak."),
                    Field("noted_s", Real(10, 3600), "Lama nomor tampil bila tidak tercetak."),
                    Field("call_s", Real(60, 3600), "Lama panggilan petugas tanpa jawaban."),
                )
            ),
            "Batas waktu, dalam detik.",
        ),
        Field(
            "attract",
            Table(
                (
                    Field("after_s", Real(0, 3600), "Tanpa sentuhan sampai layar sambutan."),
                    Field("pictures", PlainText(100, rule="pictures"), "Folder gambar."),
                )
            ),
            "Layar sambutan, selama tidak ada pengunjung.",
        ),
        Field(
            "night",
            Table(
                (
                    Field("dark", Flag(), "Layar gelap di luar jam layanan."),
                    Field("after_close_min", Whole(0, 720), "Menit sesudah tutup sampai gelap."),
                    Field("before_open_min", Whole(0, 720), "Menit sebelum nomor pertama."),
                )
            ),
            "Malam dan hari libur.",
        ),
        Field(
            "usb",
            Table((Field("folder", PlainText(200, rule="mount"), "Folder tempat USB terpasang."),)),
            "Berkas dari USB, lewat layar petugas.",
        ),
        Field(
            "look",
            Table(
                (
                    Field(
                        "accent",
                        PlainText(7, rule="accent"),
                        "Warna utama layar, enam digit heksadesimal.",
                    ),
                    Field("emblem", PlainText(100, rule="emblem"), "Lambang, di folder config."),
                )
            ),
            "Warna dan lambang di layar.",
        ),
        Field(
            "keypad",
            Table(
                (
                    Field("up", PlainText(20, rule="function_key"), "Tombol ke atas."),
                    Field(
                        "down",
                        PlainText(20, rule="function_key"),
                        "Tombol ke bawah.",
                        required=True,
                    ),
                    Field("select", PlainText(20, rule="function_key"), "Pilih.", required=True),
                    Field("back", PlainText(20, rule="function_key"), "Kembali."),
                    Field("help", PlainText(20, rule="function_key"), "Ulangi, atau bantuan."),
                    Field("volume", PlainText(20, rule="function_key"), "Volume suara."),
                )
            ),
            "Papan tombol: tombol F yang dikirim masing-masing tombolnya.",
        ),
        Field(
            "speech",
            Table(
                (
                    Field("rate", Whole(80, 300), "Kecepatan bicara, kata per menit."),
                    Field(
                        "speak",
                        Many(
                            Table(
                                (
                                    Field("write", PlainText(100), "Tulisannya.", required=True),
                                    Field(
                                        "say",
                                        Local(200),
                                        "Ucapannya.",
                                        required=True,
                                    ),
                                )
                            ),
                            most=500,
                            noun="word",
                        ),
                        "Kata yang salah diucapkan.",
                    ),
                )
            ),
            "Suara.",
        ),
    )
)
"""``kiosk.yaml``."""

_STYLE = (
    Field("align", Choice(("left", "center", "right")), "Letak teks."),
    Field("bold", Flag(), "Huruf tebal."),
    Field("width", Whole(1, 8), "Lebar huruf, 1 sampai 8."),
    Field("height", Whole(1, 8), "Tinggi huruf, 1 sampai 8."),
)

TICKET = Table(
    (
        VERSION,
        Field(
            "blocks",
            Blocks(
                options=(
                    ("logo", Table(())),
                    ("heading", Table(())),
                    ("text", Table(_STYLE)),
                    ("head", Table(())),
                    ("number", Table((Field("height", Whole(6, 8), "Tinggi nomor, 6 sampai 8."),))),
                    ("priority", Table(())),
                    ("where", Table(())),
                    ("ahead", Table(())),
                    ("issued", Table(())),
                    ("qr", Table((Field("size", Whole(1, 16), "Besar titik kode QR."),))),
                    ("follow", Table(())),
                    ("survey", Table(())),
                    ("rule", Table(())),
                    ("feed", Table((Field("size", Whole(1, 20), "Banyaknya baris kosong."),))),
                    ("footer", Table(())),
                ),
                main=(
                    ("logo", PlainText(100, rule="logo")),
                    ("heading", PlainText(100, rule="logo")),
                    ("text", Local(1000, lines=True, fields=TEXT_FIELDS)),
                ),
            ),
            "Isi tiket dari atas ke bawah.",
            required=True,
        ),
    )
)
"""``ticket.yaml``."""
